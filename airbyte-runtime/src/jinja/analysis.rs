//! What a template needs from outside, found without evaluating it.

use super::syntax::{Argument, Expr, For, Macro, Name, Stmt, Target};
use super::{filters, macros, methods};

/// The free variables of a template, and whether it depends on the clock or on chance.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) free: Vec<Name>,
    pub(super) is_volatile: bool,
    bound: Vec<Name>,
}

impl Analysis {
    pub(super) fn of(statements: &[Stmt]) -> Self {
        let mut analysis = Self::default();
        analysis.statements(statements);
        analysis
    }

    fn statements(&mut self, statements: &[Stmt]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Raw(_) | Stmt::OtherTemplate => {}
            Stmt::Emit(expr) => self.expr(expr),
            Stmt::If { condition, then, otherwise } => {
                self.expr(condition);
                self.branches(then, otherwise);
            }
            Stmt::For(each) => self.each(each),
            Stmt::With { assignments, body } => {
                assignments.iter().for_each(|(_, value)| self.expr(value));
                self.scoped(|analysis| {
                    assignments.iter().for_each(|(target, _)| analysis.bind(target));
                    analysis.statements(body);
                });
            }
            Stmt::Set { target, value } => {
                self.expr(value);
                self.bind(target);
            }
            Stmt::SetBlock { target, filter, body } => {
                filter.iter().for_each(|filter| self.expr(filter));
                self.scoped(|analysis| analysis.statements(body));
                self.bind(target);
            }
            Stmt::FilterBlock { filter, body } => {
                self.expr(filter);
                self.scoped(|analysis| analysis.statements(body));
            }
            Stmt::Block(body) => self.scoped(|analysis| analysis.statements(body)),
            Stmt::Macro(declaration) => {
                self.bound.push(declaration.name.clone());
                self.declaration(declaration);
            }
            Stmt::CallBlock { callee, arguments, caller } => {
                self.expr(callee);
                self.arguments(arguments);
                self.declaration(caller);
            }
        }
    }

    /// A name that a branch binds counts as used from outside, too, unless `if`, `elif` and `else` all bind it.
    fn branches(&mut self, then: &[Stmt], otherwise: &[Stmt]) {
        let outer = self.bound.len();
        let mut otherwise = otherwise;
        self.statements(then);
        let by_if = self.bound.split_off(outer);
        let mut by_elif = Vec::new();
        while let [Stmt::If { condition, then, otherwise: next }] = otherwise {
            self.expr(condition);
            self.statements(then);
            by_elif.extend(self.bound.split_off(outer));
            otherwise = next;
        }
        self.statements(otherwise);
        let by_else = self.bound.split_off(outer);
        for name in by_if.iter().chain(&by_elif).chain(&by_else) {
            if ![&by_if, &by_elif, &by_else].iter().all(|branch| branch.contains(name)) {
                self.uses(name);
            }
        }
        self.bound.extend(by_if.into_iter().chain(by_elif).chain(by_else));
    }

    fn each(&mut self, each: &For) {
        self.expr(&each.items);
        self.scoped(|analysis| {
            analysis.bind(&each.target);
            each.filter.iter().for_each(|filter| analysis.expr(filter));
            analysis.bound.push(Name::from("loop"));
            analysis.statements(&each.body);
        });
        self.scoped(|analysis| analysis.statements(&each.otherwise));
    }

    fn declaration(&mut self, declaration: &Macro) {
        self.scoped(|analysis| {
            for (name, default) in &declaration.parameters {
                default.iter().for_each(|default| analysis.expr(default));
                analysis.bound.push(name.clone());
            }
            analysis.bound.extend(["caller", "varargs", "kwargs"].map(Name::from));
            analysis.statements(&declaration.body);
        });
    }

    fn scoped(&mut self, walk: impl FnOnce(&mut Self)) {
        let outer = self.bound.len();
        walk(self);
        self.bound.truncate(outer);
    }

    fn bind(&mut self, target: &Target) {
        match target {
            Target::Name(name) => self.bound.push(name.clone()),
            Target::Tuple(targets) => targets.iter().for_each(|target| self.bind(target)),
            Target::Attribute(name, _) => self.uses(name),
        }
    }

    fn uses(&mut self, name: &Name) {
        if self.bound.contains(name) || &**name == super::SELF {
            return;
        }
        if macros::find(name).is_some() {
            self.is_volatile |= macros::is_volatile(name);
        } else if !self.free.contains(name) {
            self.free.push(name.clone());
        }
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        arguments.iter().for_each(|argument| self.expr(argument.expr()));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Variable(name) => self.uses(name),
            Expr::Filter { name, .. } => self.is_volatile |= filters::is_volatile(name),
            _ => {}
        }
        each_child(expr, &mut |child| self.expr(child));
    }
}

/// The paths by which a template reads a variable; `None` if it needs the whole value.
pub(super) fn paths(statements: &[Stmt], variable: &str) -> Option<Vec<Vec<String>>> {
    let mut paths = Vec::new();
    let mut is_whole = false;
    each_expr(statements, &mut |expr| collect(expr, variable, &mut paths, &mut is_whole));
    (!is_whole).then_some(paths)
}

fn collect(expr: &Expr, variable: &str, paths: &mut Vec<Vec<String>>, is_whole: &mut bool) {
    let mut path = Vec::new();
    match trace(expr, variable, &mut path) {
        Some(_) if path.is_empty() => *is_whole = true,
        Some(rest) => {
            if !paths.contains(&path) {
                paths.push(path);
            }
            rest.iter().for_each(|rest| collect(rest, variable, paths, is_whole));
        }
        None => each_child(expr, &mut |child| collect(child, variable, paths, is_whole)),
    }
}

/// Follows constant keys down to the variable; yields what else the chain evaluates, like defaults of `get`.
fn trace<'tree>(expr: &'tree Expr, variable: &str, path: &mut Vec<String>) -> Option<Vec<&'tree Expr>> {
    match expr {
        Expr::Variable(name) => (&**name == variable).then(Vec::new),
        Expr::Attribute(base, name) => {
            // A method of Python comes before the key, and works on the whole of what it belongs to.
            if methods::is_of_mapping(name) || (path.is_empty() && is_of_record(base, name)) {
                return None;
            }
            let rest = trace(base, variable, path)?;
            path.push(name.to_string());
            Some(rest)
        }
        Expr::Item(base, key) => {
            let Expr::Constant(key) = &**key else { return None };
            let key = key.as_str()?;
            let rest = trace(base, variable, path)?;
            path.push(key.to_owned());
            Some(rest)
        }
        Expr::Call(callee, arguments) => {
            let Expr::Attribute(base, method) = &**callee else { return None };
            let (Some(Argument::Positional(Expr::Constant(key))), "get") = (arguments.first(), &**method) else {
                return None;
            };
            let key = key.as_str()?;
            let mut rest = trace(base, variable, path)?;
            path.push(key.to_owned());
            rest.extend(arguments.iter().skip(1).map(Argument::expr));
            Some(rest)
        }
        _ => None,
    }
}

/// Whether the name is an attribute of a record rather than a key of it.
fn is_of_record(base: &Expr, name: &str) -> bool {
    matches!(base, Expr::Variable(variable) if variable.ends_with("record"))
        && matches!(name, "data" | "stream_name" | "associated_slice" | "file_reference")
}

fn each_expr(statements: &[Stmt], visit: &mut impl FnMut(&Expr)) {
    for statement in statements {
        match statement {
            Stmt::Raw(_) | Stmt::OtherTemplate => {}
            Stmt::Emit(expr) | Stmt::Set { value: expr, .. } => visit(expr),
            Stmt::If { condition, then, otherwise } => {
                visit(condition);
                each_expr(then, visit);
                each_expr(otherwise, visit);
            }
            Stmt::For(each) => {
                visit(&each.items);
                each.filter.iter().for_each(&mut *visit);
                each_expr(&each.body, visit);
                each_expr(&each.otherwise, visit);
            }
            Stmt::With { assignments, body } => {
                assignments.iter().for_each(|(_, value)| visit(value));
                each_expr(body, visit);
            }
            Stmt::SetBlock { filter, body, .. } => {
                filter.iter().for_each(&mut *visit);
                each_expr(body, visit);
            }
            Stmt::FilterBlock { filter, body } => {
                visit(filter);
                each_expr(body, visit);
            }
            Stmt::Block(body) => each_expr(body, visit),
            Stmt::Macro(declaration) => in_declaration(declaration, visit),
            Stmt::CallBlock { callee, arguments, caller } => {
                visit(callee);
                arguments.iter().for_each(|argument| visit(argument.expr()));
                in_declaration(caller, visit);
            }
        }
    }
}

fn in_declaration(declaration: &Macro, visit: &mut impl FnMut(&Expr)) {
    declaration.parameters.iter().filter_map(|(_, default)| default.as_ref()).for_each(&mut *visit);
    each_expr(&declaration.body, visit);
}

fn each_child(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    match expr {
        Expr::Variable(_) | Expr::Constant(_) => {}
        Expr::List(items) | Expr::Tuple(items) => items.iter().for_each(visit),
        Expr::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            visit(key);
            visit(value);
        }),
        Expr::Attribute(base, _) | Expr::Not(base) | Expr::Negative(base) => visit(base),
        Expr::Item(left, right) | Expr::And(left, right) | Expr::Or(left, right) | Expr::Binary(_, left, right) => {
            visit(left);
            visit(right);
        }
        Expr::Slice(slice) => {
            visit(&slice.value);
            slice.bounds.iter().flatten().for_each(visit);
        }
        Expr::Call(callee, arguments) => {
            visit(callee);
            arguments.iter().for_each(|argument| visit(argument.expr()));
        }
        Expr::Filter { input, arguments, .. } => {
            input.iter().for_each(|input| visit(input));
            arguments.iter().for_each(|argument| visit(argument.expr()));
        }
        Expr::Test { input, arguments, .. } => {
            visit(input);
            arguments.iter().for_each(|argument| visit(argument.expr()));
        }
        Expr::Compare(first, chain) => {
            visit(first);
            chain.iter().for_each(|(_, right)| visit(right));
        }
        Expr::Choose(choose) => {
            visit(&choose.condition);
            visit(&choose.then);
            choose.otherwise.iter().for_each(visit);
        }
    }
}
