#[stream(source = Shop, path = "/export", decoder = zip(gzip(csv(delimiter = ';', column_names = ["id", "name"]))))]
struct Export {
    id: u64,
    name: String,
}

#[stream(source = Shop, path = "/log", decoder = LogLines)]
struct Log {
    line: String,
}
