//! Arguments of a call, and the functions that take them.

use minijinja::Value;

use super::evaluation::Evaluation;
use super::raise::{Raise, Step};
use super::syntax::Name;

/// A macro, filter or test: the input of a filter or test is the first positional argument.
pub(super) type Routine = fn(&mut Evaluation<'_>, Arguments) -> Step<Value>;

/// The arguments of one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Value>,
    pub(super) named: Vec<(Name, Value)>,
}

impl Arguments {
    pub(super) fn positional(positional: Vec<Value>) -> Self {
        Self { positional, named: Vec::new() }
    }

    /// Brings the arguments in the order of the parameters' names; the first `required` ones have to be given.
    ///
    /// As in Python, too many, unknown, doubled or missing arguments are a `TypeError`.
    pub(super) fn bind<const N: usize>(
        self,
        function: &str,
        parameters: [&str; N],
        required: usize,
    ) -> Step<[Option<Value>; N]> {
        let mut bound = [const { None }; N];
        if self.positional.len() > N {
            let given = self.positional.len();
            return Err(Raise::Type(format!("{function} takes at most {N} arguments, but {given} are given")));
        }
        for (slot, value) in bound.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.named {
            let slot = parameters.iter().position(|parameter| *parameter == &*name).and_then(|at| bound.get_mut(at));
            match slot {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => return Err(Raise::Type(format!("{function} gets its argument {name} twice"))),
                None => return Err(Raise::Type(format!("{function} has no argument {name}"))),
            }
        }
        match bound.iter().zip(parameters).take(required).find(|(value, _)| value.is_none()) {
            Some((_, missing)) => Err(Raise::Type(format!("{function} lacks its argument {missing}"))),
            None => Ok(bound),
        }
    }

    /// The one argument of a function that takes one.
    pub(super) fn single(self, function: &str) -> Step<Value> {
        let [value] = self.bind(function, ["value"], 1)?;
        Ok(value.unwrap_or_default())
    }
}
