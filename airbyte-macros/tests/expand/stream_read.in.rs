#[stream(source = Database, read = read_rows, partition = list(table = ["a", "b"]))]
struct Row {
    id: u64,
}
