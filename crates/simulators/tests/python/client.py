"""Drives an official baostock client, whatever its version, and prints what it got as one line of JSON.

Usage: client.py PORT DAY CLOSED_DAY CODE...

Reads rows the way the clients' documentation does: next(), then get_row_data(). A client spins for ever when
its connection is closed, so the caller sets a time limit.
"""

import json
import sys

import baostock as bs
import baostock.common.contants as cons

FIELDS = "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST"


def told(result):
    """What a client makes of a reply, all pages read."""
    rows = []
    while result.error_code == "0" and result.next():
        rows.append(result.get_row_data())
    return {"code": result.error_code, "message": result.error_msg, "fields": result.fields, "rows": rows}


def main(port, day, closed, codes):
    cons.BAOSTOCK_SERVER_IP = "127.0.0.1"
    cons.BAOSTOCK_SERVER_PORT = int(port)
    answers = {"version": cons.BAOSTOCK_CLIENT_VERSION}
    answers["login"] = told(bs.login())
    answers["listing"] = told(bs.query_all_stock(day))
    answers["closed listing"] = told(bs.query_all_stock(closed))
    answers["calendar"] = told(bs.query_trade_dates("2024-01-01", "2026-12-31"))
    answers["basic"] = told(bs.query_stock_basic(codes[0]))
    for code in codes:
        history = bs.query_history_k_data_plus(code, FIELDS, day, day)
        answers["day " + code] = told(history)
    for adjust in ("1", "2", "3"):
        history = bs.query_history_k_data_plus(codes[0], FIELDS, "2010-01-01", "2026-12-31", "d", adjust)
        answers["history " + adjust] = told(history)
    answers["closed day"] = told(bs.query_history_k_data_plus(codes[0], FIELDS, closed, closed))
    answers["no such code"] = told(bs.query_history_k_data_plus("sh.999999", FIELDS, day, day))
    answers["no such field"] = told(bs.query_history_k_data_plus(codes[0], "date,price", day, day))
    if hasattr(bs, "query_daily_history_k_AStock"):
        answers["shares"] = told(bs.query_daily_history_k_AStock(day))
        answers["closed shares"] = told(bs.query_daily_history_k_AStock(closed))
        answers["funds"] = told(bs.query_daily_history_k_ETF(day))
        answers["factors"] = told(bs.query_daily_adjust_factor(day))
        answers["closed factors"] = told(bs.query_daily_adjust_factor(closed))
    answers["logout"] = told(bs.logout())
    answers["stranger"] = told(bs.query_all_stock(day)) if cons.BAOSTOCK_CLIENT_VERSION == "00.8.80" else None
    print("ANSWERS " + json.dumps(answers))


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
