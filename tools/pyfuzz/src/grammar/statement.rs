//! Draws statements.

use super::makers::MAKERS;
use super::{Draw, SLOTS};
use crate::node::Node;

/// Circumstances under which a call is made.
const CIRCUMSTANCES: &[&str] = &[
    "deep(lambda: $)",
    "locked(lambda: $)",
    "noirq(lambda: $)",
    "fin(lambda: $)",
    "sched(lambda: $)",
    "nat(lambda i: $, 3)",
];

/// What a class may derive from.
const BASES: &[&str] = &[
    "",
    "list",
    "dict",
    "tuple",
    "str",
    "int",
    "bytes",
    "set",
    "Exception",
    "ValueError",
    "H",
    "HD",
    "io.IOBase",
    "collections.deque",
    "type",
    "object",
    "range",
    "bytearray",
    "float",
    "OSError",
    "HL",
    "memoryview",
    "H, list",
    "HD, H",
    "list, dict",
    "machine.Pin",
    "io.BytesIO",
    "asyncio.Event",
];
/// What it may define.
const METHODS: &[&str] = &[
    "__init__",
    "__new__",
    "__eq__",
    "__hash__",
    "__len__",
    "__iter__",
    "__next__",
    "__getitem__",
    "__call__",
    "__str__",
    "__repr__",
    "__del__",
    "__getattr__",
    "__setattr__",
    "__delattr__",
    "__contains__",
    "__enter__",
    "__exit__",
    "__int__",
    "__bool__",
    "__add__",
    "__lt__",
    "__get__",
    "__set__",
    "__set_name__",
    "x",
    "__class__",
    "__init_subclass__",
    "readinto",
    "write",
    "ioctl",
    "__bases__",
    "__name__",
    "__dict__",
];
/// What may be done with it.
const USES: &[&str] = &[
    "X()",
    "X($)",
    "X($)($)",
    "len(X($))",
    "X() == X()",
    "X($) + X($)",
    "for i in X($): break",
    "str(X($))",
    "X().x",
    "X.x",
    "X().x = $",
    "del X.x; help(X)",
    "with X() as x: $",
    "{X($): 1}",
    "raise X($)",
    "raise X",
    "X.__init__($)",
    "X.__new__(X, $)",
    "super(X, X()).x",
    "isinstance($, X)",
    "issubclass(X, $)",
    "print(X($), file=X($))",
    "X() < X()",
    "sorted([X(), X(), X()])",
    "list(X($))",
    "X($)[$]",
    "X.__bases__",
    "X().__dict__",
    "v[3] = X($)",
    "v[4] = X",
    "hash(X())",
    "$ in X()",
    "X.$ = 1",
    "getattr(X(), $)",
    "setattr(X, $, $)",
    "X.__name__; repr(X); dir(X)",
];
/// What its method may do.
const BODIES: &[&str] = &[
    "return $",
    "raise $",
    "return s",
    "raise s",
    "yield $",
    "return s.x",
    "return X()",
    "del X.x",
    "return super().__init__(*a)",
    "s.x = $",
    "return a[0]",
    "return len(s)",
];
/// What may stand above its method.
const DECORATORS: &[&str] = &[
    "",
    "property",
    "staticmethod",
    "classmethod",
    "micropython.native",
    "H",
];
/// Assignments that change.
const OPERATORS: &[&str] = &[
    "+=", "-=", "*=", "//=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^=", "@=",
];

impl Draw<'_> {
    /// The first statements fill the slots.
    pub(super) fn statement(&mut self, number: usize) -> Node {
        if number < SLOTS || self.percent(8) {
            let slot = if number < SLOTS { number } else { self.below(SLOTS) };
            let maker = self.pick_maker();
            self.slots[slot] = Some(maker);
            return Node::of(format!("v[{slot}] = $"), vec![Node::leaf(MAKERS[maker].0)]);
        }
        match self.below(100) {
            0..50 => self.keep_call(),
            50..62 => {
                let text = self.one_of(CIRCUMSTANCES);
                Node::of(text, vec![self.call(1)])
            }
            62..68 => self.keep(|draw| draw.value(2)),
            68..90 => self.form(),
            _ => self.of_class(),
        }
    }

    fn keep_call(&mut self) -> Node {
        self.keep(|draw| draw.call(2))
    }

    /// Into a slot, or dropped.
    fn keep(&mut self, make: impl FnOnce(&mut Self) -> Node) -> Node {
        let value = make(self);
        if self.percent(70) {
            return value;
        }
        let slot = self.below(SLOTS);
        self.slots[slot] = None;
        Node::of(format!("v[{slot}] = $"), vec![value])
    }

    /// A statement that is more than an expression.
    fn form(&mut self) -> Node {
        let names = self.names;
        let mut drawn = |list: &[String]| list.get(self.below(list.len())).cloned().unwrap_or_default();
        let (attribute, module) = (drawn(&names.attributes), drawn(&names.modules));
        let (a, b, c) = (self.slot(), self.value(2), self.value(1));
        match self.below(28) {
            0 => Node::of("$[$] = $", vec![a, b, c]),
            1 => Node::of("$[$:$] = $", vec![a, self.small(), b, c]),
            2 => Node::of("$[$:$:$] = $", vec![a, self.atom(), self.atom(), self.small(), c]),
            3 => Node::of("del $[$]", vec![a, b]),
            4 => Node::of("del $[$:$]", vec![a, self.small(), self.small()]),
            5 => Node::of(format!("$.{attribute} = $"), vec![a, b]),
            6 => Node::of(format!("del $.{attribute}"), vec![a]),
            7 => {
                let operator = self.one_of(OPERATORS);
                Node::of(format!("$ {operator} $"), vec![a, b])
            }
            8 => Node::of("for i in $:\n $\n if len(v) > 12: break", vec![b, self.call(1)]),
            9 => Node::of("for i, x in zip(range(20), $): $", vec![b, self.call(1)]),
            10 => Node::of("a, *b, c = $", vec![b]),
            11 => Node::of("$, $ = $", vec![a, self.slot(), b]),
            12 => Node::of("with $ as x: $", vec![b, self.call(1)]),
            13 => Node::of("raise $", vec![b]),
            14 => Node::of("raise $ from $", vec![b, c]),
            15 => Node::of(
                "try: raise $\nexcept $: pass\nfinally: $",
                vec![b, c, self.call(1)],
            ),
            16 => Node::of(
                format!(
                    "sys.modules['m_'] = $\nexec('from m_ import {}', {{}})",
                    self.one_of(&["*", "a", "x as y"])
                ),
                vec![b],
            ),
            17 => Node::of(format!("exec('import {module}.{attribute}')"), vec![]),
            18 => Node::of("exec($, $)", vec![c, b]),
            19 => Node::of(
                "def gen_(a): yield from a\nfor x in gen_($): $",
                vec![b, self.call(0)],
            ),
            20 => Node::of("g = gen(3); next(g); g.throw($); g.send($)", vec![b, c]),
            21 => Node::of("setattr($, $, $)", vec![a, self.atom(), b]),
            22 => Node::of(format!("getattr($, '{attribute}')($)"), vec![a, b]),
            23 => Node::of("print($, file=$)", vec![b, self.slot()]),
            24 => Node::of("help($); sys.print_exception($, $)", vec![b, c, self.slot()]),
            25 => Node::of("$.append($); $ == $", vec![a.clone(), a.clone(), a, b]),
            26 => Node::of(
                "D_.bad = True; D_.c = $; D_.t = $; $; gc.collect()",
                vec![self.small(), self.small(), self.call(1)],
            ),
            _ => Node::of("sorted($, key=lambda x: $)", vec![b, self.call(0)]),
        }
    }

    /// A class of its own, and something done with it.
    fn of_class(&mut self) -> Node {
        let base = self.one_of(BASES);
        let method = self.one_of(METHODS);
        let head = format!(
            "class X({base}):\n @{}\n def {method}(s, *a, **k): $\n",
            self.one_of(DECORATORS)
        );
        let head = head.replace(" @\n", "");
        let use_it = self.one_of(USES);
        let body = self.one_of(BODIES);
        let use_it = use_it.replace("X.$ = 1", "X.y = 1");
        let text = format!("{}{use_it}", head.replace('$', body));
        let holes = text.matches('$').count();
        let children = (0..holes).map(|_| self.value(1)).collect();
        Node::of(text, children)
    }
}
