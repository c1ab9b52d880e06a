#[stream(source = Api, path = "/users")]
pub struct User {
    id: u64,
}
