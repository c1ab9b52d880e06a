#[record]
#[derive(Debug)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Closed,
}

#[record]
#[derive(serde::Serialize, serde::Deserialize)]
struct User {
    id: u64,
}
