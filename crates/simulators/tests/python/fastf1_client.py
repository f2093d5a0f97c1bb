"""Drives the Ergast module of FastF1 and prints what it got as one line of JSON.

Usage: fastf1_client.py BASE_URL

Values are as FastF1 casts them: numbers are numbers, times are milliseconds here.
"""

import datetime
import json
import sys

import fastf1.ergast.interface as interface
from fastf1 import Cache
from fastf1.ergast import Ergast


def plain(value):
    """Times as milliseconds and days, so that they are JSON."""
    if isinstance(value, datetime.timedelta):
        return round(value / datetime.timedelta(milliseconds=1))
    return str(value)


def pages(answer):
    """The rows of all pages, each with its round."""
    rows = []
    while True:
        for race in answer:
            for name in ("Results", "QualifyingResults", "SprintResults"):
                rows += [dict(row, round=race["round"]) for row in race.get(name, [])]
        if answer.is_complete or not rows or len(rows) >= answer.total_results:
            return rows
        answer = answer.get_next_result_page()


def main(base):
    Cache.set_disabled()
    interface.BASE_URL = base
    ergast = Ergast(result_type="raw", limit=100)
    answers = {
        "schedule": list(ergast.get_race_schedule(2025)),
        "results": pages(ergast.get_race_results(2025)),
        "qualifying": pages(ergast.get_qualifying_results(2025)),
        "sprint": pages(ergast.get_sprint_results(2025)),
        "drivers": ergast.get_driver_standings(2025, 11)[0]["DriverStandings"],
        "constructors": ergast.get_constructor_standings(2025, 11)[0]["ConstructorStandings"],
    }
    frame = Ergast(result_type="pandas").get_race_results(2025, 11)
    answers["frame"] = list(frame.content[0]["driverId"])
    print("ANSWERS " + json.dumps(answers, default=plain))


main(sys.argv[1])
