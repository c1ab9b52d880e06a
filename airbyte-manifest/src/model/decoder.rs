//! From bytes to values.

use super::custom::Custom;
use super::declare::{choice, component};
use super::value::Text;
use super::variables::CONFIG;

choice! {
    /// How an answer is decoded.
    Decoder {
        JsonDecoder(JsonDecoder),
        JsonItemsDecoder(JsonItemsDecoder),
        XmlDecoder(XmlDecoder),
        CsvDecoder(CsvDecoder),
        JsonlDecoder(JsonlDecoder),
        GzipDecoder(GzipDecoder),
        IterableDecoder(IterableDecoder),
        ZipfileDecoder(ZipfileDecoder),
        CustomDecoder(Custom),
    }
}

choice! {
    /// How the content of an archive is decoded.
    InnerDecoder {
        CsvDecoder(CsvDecoder),
        GzipDecoder(Box<GzipDecoder>),
        JsonDecoder(JsonDecoder),
        JsonItemsDecoder(JsonItemsDecoder),
        JsonlDecoder(JsonlDecoder),
    }
}

choice! {
    /// How the answer of a login is decoded.
    TokenDecoder {
        JsonDecoder(JsonDecoder),
        XmlDecoder(XmlDecoder),
    }
}

component! {
    /// JSON.
    JsonDecoder {}
}

component! {
    /// The items of an array in a JSON document, one by one.
    JsonItemsDecoder {
        /// The path of the array.
        items_path: Text, sees(CONFIG);
        /// The encoding.
        encoding: Text = Text::of("utf-8");
    }
}

component! {
    /// XML.
    XmlDecoder {}
}

component! {
    /// CSV with a header line.
    CsvDecoder {
        /// The encoding.
        encoding: Text = Text::of("utf-8");
        /// What divides the fields.
        delimiter: Text = Text::of(",");
        /// Values that are turned into null.
        set_values_to_none: Vec<Text> = Vec::new();
    }
}

component! {
    /// A JSON value in each line.
    JsonlDecoder {}
}

component! {
    /// Something that gzip has packed.
    GzipDecoder {
        /// How the content is decoded.
        decoder: InnerDecoder;
    }
}

component! {
    /// Each line as it is.
    IterableDecoder {}
}

component! {
    /// The files of a zip archive.
    ZipfileDecoder {
        /// How each is decoded.
        decoder: InnerDecoder;
    }
}
