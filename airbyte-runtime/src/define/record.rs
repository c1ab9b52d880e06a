//! `filter = …`, `transform = …`, `read = …`: a connector's own functions, on the stream's own struct.
//!
//! A stream without them never builds the struct: its records travel as bytes.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::error::Result;
use crate::plan::record::RecordCell;
pub use crate::plan::record::{ChangeRecord, KeepRecord, ReadSlice};
use crate::plan::{RecordFilter, RecordTransformation, Records, Slice};

/// A type that a field of a record may have.
///
/// An expansion asks for it before serde does, whose messages do not name `#[record]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a record",
    label = "not a type that a record can hold",
    note = "annotate a struct or an enum of your own with `#[record]`; a `Secret` is never part of a record"
)]
pub trait ColumnType {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + schemars::JsonSchema> ColumnType for T {}

/// Refuses a type that is no [`ColumnType`].
pub const fn column<T: ColumnType>() {}

/// Marks a hook that is a function on the stream's struct.
#[derive(Debug)]
pub struct ByFunction;
/// Marks a hook that is a type with a trait.
#[derive(Debug)]
pub struct ByTrait;

/// What may stand behind `filter =`: `fn(&Record) -> bool`, or a [`RecordFilter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter for records of `{T}`",
    label = "not a filter of `{T}`",
    note = "a filter is `fn(&{T}) -> bool`, or a type that implements `airbyte_runtime::plan::RecordFilter`"
)]
pub trait FilterHook<T, Marker>: Sync {
    /// Whether the record is kept.
    ///
    /// # Errors
    /// A record that does not fit the struct is a system error.
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool>;
}

impl<T: DeserializeOwned + 'static, F: Fn(&T) -> bool + Sync> FilterHook<T, ByFunction> for F {
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool> {
        record.typed::<T>().map(|record| self(record))
    }
}

impl<T, F: RecordFilter> FilterHook<T, ByTrait> for F {
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool> {
        record.object().and_then(|record| RecordFilter::keep(self, record))
    }
}

/// What may stand behind `transform =`: `fn(&mut Record)`, or a [`RecordTransformation`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transformation of records of `{T}`",
    label = "not a transformation of `{T}`",
    note = "a transformation is `fn(&mut {T})`, or a type that implements `airbyte_runtime::plan::RecordTransformation`"
)]
pub trait TransformHook<T, Marker>: Sync {
    /// Changes the record in place.
    ///
    /// # Errors
    /// A record that does not fit the struct is a system error.
    fn transform(&self, record: &mut RecordCell<'_>) -> Result<()>;
}

impl<T: DeserializeOwned + Serialize + 'static, F: Fn(&mut T) + Sync> TransformHook<T, ByFunction> for F {
    fn transform(&self, record: &mut RecordCell<'_>) -> Result<()> {
        record.change::<T>(self)
    }
}

impl<T, F: RecordTransformation> TransformHook<T, ByTrait> for F {
    fn transform(&self, record: &mut RecordCell<'_>) -> Result<()> {
        let mut object = record.object_mut()?;
        RecordTransformation::transform(self, &mut object)
    }
}

/// A hook with its types erased, so that it can stand in a [`StreamDef`](super::StreamDef).
#[derive(Debug)]
pub struct Hook<T, Marker, F> {
    hook: F,
    types: PhantomData<fn() -> (T, Marker)>,
}

/// A filter of stream `T`.
#[must_use]
pub const fn filter<T, Marker, F: FilterHook<T, Marker>>(hook: F) -> Hook<T, Marker, F> {
    Hook { hook, types: PhantomData }
}

/// A transformation of stream `T`.
#[must_use]
pub const fn transform<T, Marker, F: TransformHook<T, Marker>>(hook: F) -> Hook<T, Marker, F> {
    Hook { hook, types: PhantomData }
}

impl<T, Marker, F: FilterHook<T, Marker>> KeepRecord for Hook<T, Marker, F> {
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool> {
        self.hook.keep(record)
    }
}

impl<T, Marker, F: TransformHook<T, Marker>> ChangeRecord for &'static Hook<T, Marker, F> {
    fn transform(&self, record: &mut RecordCell<'_>, _: &Slice) -> Result<()> {
        self.hook.transform(record)
    }
}

impl KeepRecord for super::Component<dyn KeepRecord> {
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool> {
        self.0.keep(record)
    }
}

impl ReadSlice for super::Component<dyn ReadSlice> {
    fn read<'a>(
        &'a self,
        config: &'a Config,
        slice: &'a Slice,
        records: Records<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<()>> {
        self.0.read(config, slice, records)
    }
}

/// What may stand behind `read =`: an `async fn` of the source, the slice and where the records go.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not read records of `{T}`",
    label = "not a reader of `{T}`",
    note = "it is an `async fn(source: &{S}, slice: &Slice, records: &mut Records<'_, {T}>) -> Result<()>`"
)]
pub trait ReadHook<S, T>: Sync {
    /// Reads one slice.
    fn read<'a>(
        &'a self,
        source: &'a S,
        slice: &'a Slice,
        records: &'a mut Records<'_, T>,
    ) -> impl Future<Output = Result<()>>;
}

#[diagnostic::do_not_recommend]
impl<S, T, F: AsyncFn(&S, &Slice, &mut Records<'_, T>) -> Result<()> + Sync> ReadHook<S, T> for F {
    async fn read<'a>(&'a self, source: &'a S, slice: &'a Slice, records: &'a mut Records<'_, T>) -> Result<()> {
        self(source, slice, records).await
    }
}

/// A stream that is not HTTP: `read = function`, where
/// `async fn(source: &MySource, slice: &Slice, records: &mut Records<'_, MyRecord>) -> Result<()>`.
#[must_use]
pub const fn read<S, T, F: ReadHook<S, T>>(function: F) -> ReadFunction<S, T, F> {
    ReadFunction { function, types: PhantomData }
}

/// See [`read`].
#[derive(Debug)]
pub struct ReadFunction<S, T, F> {
    function: F,
    types: PhantomData<fn() -> (S, T)>,
}

impl<S, T, F> ReadSlice for ReadFunction<S, T, F>
where
    S: Send + Sync + 'static,
    T: Serialize,
    F: ReadHook<S, T>,
{
    fn read<'a>(
        &'a self,
        config: &'a Config,
        slice: &'a Slice,
        records: Records<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let source: Arc<S> = config.typed()?;
            let mut records = records.of::<T>();
            self.function.read(&source, slice, &mut records).await?;
            records.finish().await
        })
    }
}
