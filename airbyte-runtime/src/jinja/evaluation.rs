//! Walks a template's syntax tree with Python's semantics.

mod statements;

use minijinja::Value;
use minijinja::value::Tuple;

use super::arguments::{Arguments, Routine};
use super::containers::{List, changeable};
use super::objects::{Declared, Function, Method, Namespace, class, elements, extent, mapping, member, refuse_depth};
use super::operators::{arithmetic, compare, negative, truth};
use super::print::repr;
use super::raise::{Raise, Step};
use super::syntax::{Argument, Expr, Name};
use super::{Scope, attributes, limits, macros, methods};

/// How many bytes an evaluation may print.
const MAX_OUTPUT: usize = 64 * 1024 * 1024;
/// How deep macros may call each other.
const MAX_CALLS: usize = 50;

/// One evaluation of a template.
pub(super) struct Evaluation<'run> {
    scope: &'run Scope,
    config: &'run Value,
    parameters: &'run Value,
    /// Copies of variables that the template may change.
    copies: Vec<(Name, Value)>,
    /// What the template bound itself, the innermost last.
    locals: Vec<(Name, Value)>,
    calls: usize,
}

impl<'run> Evaluation<'run> {
    pub(super) fn new(scope: &'run Scope, config: &'run Value, parameters: &'run Value) -> Self {
        limits::refill();
        Self { scope, config, parameters, copies: Vec::new(), locals: Vec::new(), calls: 0 }
    }

    /// Gives the template variables of its own, so that what it changes stays changed until its end, and no longer.
    pub(super) fn take_copies(&mut self, names: &[Name]) {
        for name in names {
            // Headers answer to any case, which a copy would not; they are no mapping that Python could change.
            if let Some(value) = self.variable(name).filter(|_| &**name != "headers") {
                let value = changeable(value, 0);
                self.copies.push((super::canonical(name).into(), value));
            }
        }
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        let local = self.locals.iter().rev().find(|(local, _)| &**local == name).map(|(_, value)| value);
        let copied = || {
            let name = super::canonical(name);
            self.copies.iter().find(|(copy, _)| &**copy == name).map(|(_, value)| value)
        };
        local.or_else(copied).or_else(|| self.scope.get(name)).or(match name {
            "config" => Some(self.config),
            "parameters" => Some(self.parameters),
            _ => None,
        })
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, expr: &Expr) -> Step<Value> {
        // A variable may be the first of many.
        limits::take(1)?;
        limits::touched(self.locals.len())?;
        match expr {
            Expr::Variable(name) => Ok(match self.variable(name) {
                Some(value) => value.clone(),
                None if &**name == super::SELF => Value::from_object(Namespace::default()),
                None => macros::find(name)
                    .map_or(Value::UNDEFINED, |(name, routine)| Value::from_object(Function { name, routine })),
            }),
            Expr::Constant(value) => Ok(value.clone()),
            Expr::List(items) => Ok(List::value(self.values(items)?)),
            Expr::Tuple(items) => Ok(Value::from(Tuple::from(self.values(items)?))),
            Expr::Map(pairs) => {
                let mut members = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    let key = self.value(key)?;
                    if matches!(class(&key), "list" | "dict") {
                        return Err(Raise::Type(format!("unhashable type: '{}'", class(&key))));
                    }
                    members.push((key, self.value(value)?));
                }
                Ok(mapping(members))
            }
            Expr::Attribute(base, name) => {
                let value = self.value(base)?;
                attributes::attribute(&value, name, || describe(base))
            }
            Expr::Item(base, key) => {
                let value = self.value(base)?;
                let key = self.value(key)?;
                attributes::item(&value, &key, || describe(base))
            }
            Expr::Slice(slice) => {
                let value = self.value(&slice.value)?;
                let mut bounds = [const { None }; 3];
                for (slot, bound) in bounds.iter_mut().zip(&slice.bounds) {
                    *slot = bound.as_ref().map(|bound| self.value(bound)).transpose()?;
                }
                attributes::slice(&value, bounds, || describe(&slice.value))
            }
            Expr::Call(callee, arguments) => self.call_expr(callee, arguments),
            Expr::Filter { input: None, name, .. } => Err(Raise::other(format!("the filter {name} has no input"))),
            Expr::Filter { routine, input: Some(input), arguments, .. } | Expr::Test { routine, input, arguments } => {
                let input = self.value(input)?;
                self.apply(*routine, input, arguments)
            }
            Expr::Not(operand) => Ok(Value::from(!truth(&self.value(operand)?))),
            Expr::Negative(operand) => negative(&self.value(operand)?),
            Expr::And(left, right) => {
                let left = self.value(left)?;
                if truth(&left) { self.value(right) } else { Ok(left) }
            }
            Expr::Or(left, right) => {
                let left = self.value(left)?;
                if truth(&left) { Ok(left) } else { self.value(right) }
            }
            Expr::Binary(operator, left, right) => {
                let left = self.value(left)?;
                let right = self.value(right)?;
                arithmetic(*operator, &left, &right)
            }
            Expr::Compare(first, chain) => {
                let mut left = self.value(first)?;
                for (operator, right) in chain {
                    let right = self.value(right)?;
                    if !compare(*operator, &left, &right)? {
                        return Ok(Value::from(false));
                    }
                    left = right;
                }
                Ok(Value::from(true))
            }
            Expr::Choose(choose) => {
                if truth(&self.value(&choose.condition)?) {
                    return self.value(&choose.then);
                }
                choose.otherwise.as_ref().map_or(Ok(Value::UNDEFINED), |otherwise| self.value(otherwise))
            }
        }
    }

    fn values(&mut self, exprs: &[Expr]) -> Step<Vec<Value>> {
        exprs.iter().map(|expr| self.value(expr)).collect()
    }

    /// Applies a filter or test.
    pub(super) fn apply(&mut self, routine: Routine, input: Value, arguments: &[Argument]) -> Step<Value> {
        let mut arguments = self.arguments(arguments)?;
        arguments.positional.insert(0, input);
        self.run(routine, arguments)
    }

    /// Runs a filter or test whose first argument is its input, and pays for the texts that go in and come out.
    pub(super) fn run(&mut self, routine: Routine, arguments: Arguments) -> Step<Value> {
        limits::take(1)?;
        limits::given(&arguments)?;
        let result = routine(self, arguments)?;
        limits::result(&result)?;
        Ok(result)
    }

    fn arguments(&mut self, arguments: &[Argument]) -> Step<Arguments> {
        let mut evaluated = Arguments::default();
        evaluated.positional.reserve(arguments.len() + 1);
        for argument in arguments {
            let value = self.value(argument.expr())?;
            match argument {
                Argument::Positional(_) => evaluated.positional.push(value),
                Argument::Named(name, _) => evaluated.named.push((name.clone(), value)),
                Argument::Spread(_) => evaluated.positional.extend(elements(&value)?),
                Argument::NamedSpread(_) => {
                    for key in elements(&value)? {
                        let name = key.as_str().ok_or_else(|| Raise::type_error("keywords must be strings"))?;
                        evaluated.named.push((name.into(), member(&value, &key).unwrap_or_default()));
                    }
                }
            }
        }
        Ok(evaluated)
    }

    fn call_expr(&mut self, callee: &Expr, arguments: &[Argument]) -> Step<Value> {
        // Macros and methods are called without becoming values first.
        match callee {
            Expr::Variable(name) if self.variable(name).is_none() => {
                let Some((_, routine)) = macros::find(name) else { return Err(Raise::undefined(name)) };
                let arguments = self.arguments(arguments)?;
                routine(self, arguments)
            }
            Expr::Attribute(base, name) => {
                let receiver = self.value(base)?;
                if let Some(method) = attributes::method(&receiver, name) {
                    let arguments = self.arguments(arguments)?;
                    return self.call_method(&receiver, method, arguments);
                }
                let value = attributes::attribute(&receiver, name, || describe(base))?;
                if value.is_undefined()
                    && let Some(kind) = methods::kind(&receiver)
                {
                    let callee = describe(callee);
                    return Err(Raise::undefined(&format!("{kind} has no method `{name}`: {callee}")));
                }
                let arguments = self.arguments(arguments)?;
                self.call(&value, arguments, || describe(callee))
            }
            _ => {
                let value = self.value(callee)?;
                let arguments = self.arguments(arguments)?;
                self.call(&value, arguments, || describe(callee))
            }
        }
    }

    /// Calls a value; `what` is how errors call it.
    fn call(&mut self, value: &Value, arguments: Arguments, what: impl FnOnce() -> String) -> Step<Value> {
        if value.is_undefined() {
            return Err(Raise::undefined(&what()));
        }
        if let Some(method) = value.downcast_object_ref::<Method>() {
            return self.call_method(&method.receiver, method.name, arguments);
        }
        if let Some(function) = value.downcast_object_ref::<Function>() {
            return (function.routine)(self, arguments);
        }
        if let Some(cycler) = value.downcast_object_ref::<super::objects::Cycler>() {
            return Ok(cycler.next());
        }
        match value.downcast_object_ref::<Declared>() {
            Some(declared) => self.call_declared(declared, arguments),
            None => Err(Raise::Type(format!("'{}' object is not callable", class(value)))),
        }
    }

    fn call_method(&mut self, receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
        if methods::changes(name) {
            // What is stored is copied, which costs as many steps.
            let given = arguments.positional.iter().chain(arguments.named.iter().map(|(_, value)| value));
            let size = given.map(|value| extent(value, 0)).sum::<Step<usize>>()?;
            limits::take(size)?;
        }
        methods::call(receiver, name, arguments)
    }

    fn call_declared(&mut self, declared: &Declared, arguments: Arguments) -> Step<Value> {
        if self.calls >= MAX_CALLS {
            return Err(Raise::other(format!("its macros call each other more than {MAX_CALLS} deep")));
        }
        let named = arguments.named.iter().map(|(_, value)| value);
        arguments.positional.iter().chain(named).try_for_each(refuse_depth)?;
        limits::touched(declared.bound.len())?;
        let outer = std::mem::take(&mut self.locals);
        self.locals.clone_from(&declared.bound);
        self.calls += 1;
        let mut out = String::new();
        let result = self
            .bind_parameters(declared, arguments)
            .and_then(|()| self.statements(&declared.declaration.body, &mut out));
        self.calls -= 1;
        self.locals = outer;
        result?;
        limits::bytes(out.len())?;
        Ok(Value::from(out))
    }

    fn bind_parameters(&mut self, declared: &Declared, arguments: Arguments) -> Step<()> {
        let declaration = &declared.declaration;
        let mut positional = arguments.positional.into_iter();
        let mut named = arguments.named;
        for (name, default) in &declaration.parameters {
            let given = positional.next().or_else(|| {
                let place = named.iter().position(|(given, _)| given == name)?;
                Some(named.swap_remove(place).1)
            });
            let value = match (given, default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default)?,
                (None, None) => Value::UNDEFINED,
            };
            self.locals.push((name.clone(), value));
        }
        if let Some(place) = named.iter().position(|(name, _)| &**name == "caller") {
            self.locals.push(named.swap_remove(place));
        }
        let rest: Vec<_> = positional.collect();
        self.locals.push(("varargs".into(), Value::from(Tuple::from(rest))));
        self.locals
            .push(("kwargs".into(), mapping(named.into_iter().map(|(name, value)| (Value::from(&*name), value)))));
        Ok(())
    }
}

/// How errors call an expression: its path as far as it is one.
pub(super) fn describe(expr: &Expr) -> String {
    match expr {
        Expr::Variable(name) => format!("`{name}`"),
        Expr::Attribute(base, name) => {
            let base = describe(base);
            format!("{}.{name}`", base.strip_suffix('`').unwrap_or(&base))
        }
        Expr::Item(base, key) => {
            let base = describe(base);
            let base = base.strip_suffix('`').unwrap_or(&base);
            match &**key {
                Expr::Constant(key) => format!("{base}[{}]`", repr(key)),
                _ => format!("{base}[…]`"),
            }
        }
        Expr::Call(callee, _) => {
            let callee = describe(callee);
            format!("{}(…)`", callee.strip_suffix('`').unwrap_or(&callee))
        }
        _ => "`a value`".to_owned(),
    }
}
