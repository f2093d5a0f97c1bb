//! PostgreSQL's binary COPY, encoded straight from a batch.
//!
//! The format is the one PostgreSQL documents for `COPY … WITH (FORMAT binary)`: a signature, rows as a count of
//! fields and each field with its length, and −1 at the end.

use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::Transaction;
use futures_util::SinkExt;
use jiff::Timestamp;
use tokio_postgres::Statement;

use super::super::batch::Batch;
use super::super::cell::Cell;
use super::super::numeric;
use super::super::table::{Column, Kind};
use super::cells::{days, instant_micros, micros};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Bytes handed to the connection at a time: memory stays flat however large the batch.
const CHUNK: usize = 128 << 10;

/// Sends all rows of the batch; each with the times of writing after its columns, when `stamps` says so.
pub(super) async fn copy(
    transaction: &Transaction<'_>,
    statement: &Statement,
    batch: &Batch,
    stamps: Option<Timestamp>,
) -> Result<u64, tokio_postgres::Error> {
    let sink = transaction.copy_in::<_, Bytes>(statement).await?;
    let mut sink = std::pin::pin!(sink);
    let mut rows = Encoder::new(batch, stamps);
    while let Some(chunk) = rows.chunk() {
        sink.send(chunk).await?;
    }
    sink.finish().await
}

struct Encoder<'a> {
    batch: &'a Batch,
    columns: &'static [Column],
    /// Count of stamps and the time in each.
    stamps: (usize, i64),
    next: usize,
    ended: bool,
    buffer: BytesMut,
}

impl<'a> Encoder<'a> {
    fn new(batch: &'a Batch, stamps: Option<Timestamp>) -> Self {
        let mut buffer = BytesMut::with_capacity(CHUNK + 4096);
        buffer.put_slice(SIGNATURE);
        let stamps = stamps.map_or((0, 0), |now| (batch.table.stamp_names().len(), instant_micros(now)));
        Self { batch, columns: batch.table.columns, stamps, next: 0, ended: false, buffer }
    }

    /// The next bytes to send, `None` after the last.
    fn chunk(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        self.buffer.reserve(CHUNK + 4096);
        while self.buffer.len() < CHUNK {
            if self.next == self.batch.len() {
                self.buffer.put_i16(-1);
                self.ended = true;
                break;
            }
            self.row();
        }
        Some(self.buffer.split().freeze())
    }

    fn row(&mut self) {
        let out = &mut self.buffer;
        let fields = self.columns.len() + self.stamps.0;
        out.put_i16(i16::try_from(fields).expect("a table has less than 1,600 columns"));
        for (column, cell) in self.columns.iter().zip(self.batch.row(self.next)) {
            field(column.kind, cell, out);
        }
        for _ in 0..self.stamps.0 {
            out.put_i32(8);
            out.put_i64(self.stamps.1);
        }
        self.next += 1;
    }
}

/// One field with its length; the batch holds each column to its kind.
fn field(kind: Kind, cell: Cell<'_>, out: &mut BytesMut) {
    match cell {
        Cell::Null => out.put_i32(-1),
        Cell::Int(value) => match kind {
            Kind::Int16 => {
                out.put_i32(2);
                out.put_i16(value as i16);
            }
            Kind::Int32 => {
                out.put_i32(4);
                out.put_i32(value as i32);
            }
            _ => {
                out.put_i32(8);
                out.put_i64(value);
            }
        },
        Cell::Decimal(value) => {
            let start = out.len();
            out.put_i32(0);
            numeric::encode(value, out);
            let length = (out.len() - start - 4) as i32;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Cell::Real(value) => {
            out.put_i32(8);
            out.put_f64(value);
        }
        Cell::Bool(value) => {
            out.put_i32(1);
            out.put_u8(value.into());
        }
        Cell::Text(value) => {
            out.put_i32(i32::try_from(value.len()).expect("a text is shorter than 2 GiB"));
            out.put_slice(value.as_bytes());
        }
        Cell::Date(value) => {
            out.put_i32(4);
            out.put_i32(days(value));
        }
        Cell::Timestamp(value) => {
            out.put_i32(8);
            out.put_i64(micros(value));
        }
        Cell::Instant(value) => {
            out.put_i32(8);
            out.put_i64(instant_micros(value));
        }
    }
}
