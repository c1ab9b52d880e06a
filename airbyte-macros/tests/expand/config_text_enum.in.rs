#[config]
enum Level {
    /// Little.
    Low,
    /// Much.
    VeryHigh,
}
