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
use crate::plan::record::{ChangeRecord, KeepRecord, ReadSlice, RecordCell};
use crate::plan::{RecordFilter, RecordTransformation, Records, Slice};

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

impl<T, Marker, F: TransformHook<T, Marker>> ChangeRecord for Hook<T, Marker, F> {
    fn transform(&self, record: &mut RecordCell<'_>) -> Result<()> {
        self.hook.transform(record)
    }
}

/// A stream that is not HTTP: `read = function`, where
/// `async fn(source: &MySource, slice: &Slice, records: &mut Records<'_, MyRecord>) -> Result<()>`.
#[must_use]
pub const fn read<S, T, F>(function: F) -> ReadFunction<S, T, F>
where
    F: AsyncFn(&S, &Slice, &mut Records<'_, T>) -> Result<()>,
{
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
    F: AsyncFn(&S, &Slice, &mut Records<'_, T>) -> Result<()> + Sync,
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
            (self.function)(&source, slice, &mut records).await?;
            records.finish().await
        })
    }
}
