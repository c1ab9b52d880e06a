//! What the machine can do: the same pages without a connector.

use std::io::{self, BufWriter, Write as _};

use serde::Serialize;
use serde_json::Value;

use crate::Result;

/// Fetches page after page and writes the bytes as they are: no connector can be faster.
pub(crate) fn copy(url: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    pages(url, |body| Ok(out.write_all(body)?))
}

/// The plain loop that a connector is without a framework: parse, wrap each record, write.
pub(crate) fn values(url: &str) -> Result<()> {
    #[derive(Serialize)]
    struct Message<'a> {
        r#type: &'a str,
        record: Record<'a>,
    }
    #[derive(Serialize)]
    struct Record<'a> {
        stream: &'a str,
        data: &'a Value,
        emitted_at: i64,
    }
    let mut out = BufWriter::new(io::stdout().lock());
    pages(url, |body| {
        let records: Vec<Value> = serde_json::from_slice(body)?;
        for data in &records {
            let record = Record { stream: "issues", data, emitted_at: jiff::Timestamp::now().as_millisecond() };
            serde_json::to_writer(&mut out, &Message { r#type: "RECORD", record })?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })?;
    Ok(out.flush()?)
}

/// Page 1, 2, 3, … until one has no records.
fn pages(url: &str, mut page: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // reqwest wants one even where nothing is encrypted.
    let provider = rustls::crypto::ring::default_provider().install_default();
    provider.map_err(|_| "there is another provider of cryptography already")?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    runtime.block_on(async {
        for number in 1_u64.. {
            let body = client.get(format!("{url}&page={number}")).send().await?.error_for_status()?.bytes().await?;
            if body.len() < 3 {
                break;
            }
            page(&body)?;
        }
        Ok(())
    })
}
