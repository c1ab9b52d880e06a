//! SOAP: requests whose bodies are XML made of values, and answers in XML.

use std::sync::{Arc, Mutex};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response, Server};
use airbyte_runtime::{Batch, Connector};
use serde_json::{Value, json};

/// A service that speaks SOAP.
#[source(base_url = "{config.base_url}", streams = [Order, Region])]
struct Service {
    /// Where the service is.
    base_url: String,
    /// Who asks.
    user: String,
    /// What opens it.
    password: Secret,
    /// What is looked for, if not everything.
    filter: Option<String>,
}

const ORDERS: &str = r#"<?xml version="1.0"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Header><Login user="{config.user}">{config.password}</Login></soap:Header>
  <soap:Body>
    <GetOrders from="{interval.start}"><Filter>{config.filter}</Filter><Text>{{as it is}}</Text></GetOrders>
  </soap:Body>
</soap:Envelope>"#;

/// Orders since a day, by version 1.1 of SOAP.
#[stream(
    source  = Service,
    path    = "/orders",
    headers = { SOAPAction = "urn:GetOrders" },
    body    = xml(ORDERS),
    decoder = xml(),
    records = "soap:Envelope.soap:Body.Orders.Order",
    cursor  = datetime(at, start = "2024-01-01"),
)]
struct Order {
    #[serde(rename = "@id")]
    id: String,
    at: Timestamp,
}

/// Orders of a region, by version 1.2.
#[stream(
    source    = Service,
    path      = "/orders",
    partition = list(region = ["N & S", "<west>"]),
    body      = xml(
        "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body><Get region=\"{partition.region}\"/></e:Body></e:Envelope>",
        content_type = "application/soap+xml; charset=utf-8; action=\"urn:Get\"",
    ),
    decoder   = xml(),
    records   = "soap:Envelope.soap:Body.Orders.Order",
)]
struct Region {
    #[serde(rename = "@id")]
    id: String,
}

/// The records of a stream, and what was asked.
fn read(stream: &str, config: Value) -> (Vec<Value>, Vec<Request>) {
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    let log = Arc::clone(&asked);
    let server = Server::start(move |request| {
        log.lock().expect("no panic").push(request);
        let answer = "<soap:Envelope xmlns:soap=\"x\"><soap:Body><Orders><Order id=\"1\"><at>2024-05-01T00:00:00Z</at></Order>\
                      <Order id=\"2\"><at>2024-05-02T00:00:00Z</at></Order></Orders></soap:Body></soap:Envelope>";
        Response::new(200).header("content-type", "text/xml").body(answer)
    });
    let server = server.expect("a free port");
    let mut config = config;
    config["base_url"] = server.url().into();
    let connector = Connector::<Service>::new(config);
    let mut records = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut messages = connector.read(json!({"streams": [{
            "stream": {"name": stream, "json_schema": {}}, "sync_mode": "incremental",
        }]}));
        while let Some(batch) = messages.next().await {
            if let Batch::Records(lines) = batch.expect("the read works") {
                let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                records.extend(
                    lines.map(|line| serde_json::from_slice::<Value>(line).expect("JSON")["record"]["data"].clone()),
                );
            }
        }
    });
    let asked = asked.lock().expect("no panic").clone();
    (records, asked)
}

#[test]
fn values_are_escaped_where_they_stand_in_xml() {
    let config = json!({"user": "me \"&\" <you>", "password": "p&ss'\n"});
    let (records, asked) = read("order", config);
    let ids: Vec<&Value> = records.iter().map(|record| &record["@id"]).collect();
    assert_eq!(ids, ["1", "2"]);
    let [request] = &asked[..] else { panic!("one request: {asked:?}") };
    assert_eq!(request.method, airbyte_runtime::testing::Method::POST);
    assert_eq!(request.header("content-type"), Some("text/xml; charset=utf-8"));
    assert_eq!(request.header("soapaction"), Some("urn:GetOrders"));
    let body = String::from_utf8(request.body.to_vec()).expect("text");
    assert!(body.starts_with("<?xml version=\"1.0\"?>\n<soap:Envelope"), "{body}");
    assert!(body.contains("<Login user=\"me &quot;&amp;&quot; &lt;you&gt;\">p&amp;ss&apos;&#10;</Login>"), "{body}");
    assert!(body.contains("<GetOrders from=\"2024-01-01T00:00:00"), "{body}");
    // What is not set is empty, so that the document stays what it is.
    assert!(body.contains("<Filter></Filter><Text>{as it is}</Text>"), "{body}");
}

#[test]
fn partitions_and_another_content_type_go_into_xml() {
    let (records, asked) = read("region", json!({"user": "", "password": ""}));
    assert_eq!(records.len(), 4);
    let mut bodies: Vec<String> =
        asked.iter().map(|request| String::from_utf8(request.body.to_vec()).expect("text")).collect();
    bodies.sort();
    assert!(bodies[0].contains("<Get region=\"&lt;west&gt;\"/>"), "{bodies:?}");
    assert!(bodies[1].contains("<Get region=\"N &amp; S\"/>"), "{bodies:?}");
    let content_type = "application/soap+xml; charset=utf-8; action=\"urn:Get\"";
    assert!(asked.iter().all(|request| request.header("content-type") == Some(content_type)));
}

#[test]
fn what_xml_cannot_hold_is_an_error() {
    let connector =
        Connector::<Service>::new(json!({"base_url": "http://127.0.0.1:1", "user": "\u{1}", "password": ""}));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let error = runtime.block_on(connector.check()).expect_err("no XML");
    assert!(error.message().contains("a character that XML has no place for"), "{}", error.message());
}
