// Looks at what lies on the stack at each instruction of a module that comes from a file: the interpreter believes that a
// cell is a cell, a list that is being built a list, a place filled, and that what ends a `finally` was put there for it.
//
// Each function is followed from its first instruction, and what is known where ways meet is what all of them agree in.
// The outer function comes first: how it makes an inner one tells which variables of that are cells.

#include <string.h>

#include "py/bc.h"
#include "py/bc0.h"
#include "py/cstack.h"
#include "py/runtime.h"
#include "verify_code.h"

// What is known of a place on the stack.
typedef uint16_t kind_t;

enum {
    // Objects.
    OBJECT, NONE, QSTR, CELL, LIST, DICT, SET, EXCEPTION, NONE_OR_EXCEPTION,
    // The name `BaseException`.
    BASE,
    // No objects: nothing; what `self` of a method may be, an object or nothing; an iterator, of four places; ways that do not
    // agree.
    NOTHING, SELF, ITERATOR_0, ITERATOR_LAST = ITERATOR_0 + ITERATOR - 1, BAD,
    // With the block of exceptions that they belong to: what the interpreter puts there when it enters a `finally`, an
    // exception, or two places for a return or a jump; the same or None; the two places by themselves; a copy of the last;
    // whether it is an exception.
    ENTERED = 0x1000, LEFT = 0x2000, DATA = 0x3000, CAUSE = 0x4000, COPY = 0x5000, MATCH = 0x6000,
    // With its length.
    TUPLE = 0x8000,
};

typedef struct {
    size_t handler;
    int base;
    bool is_finally;
} block_t;

// What is known in front of an instruction.
typedef struct {
    int depth, level;
    bool is_fresh;
    block_t *blocks;
    kind_t stack[];
} state_t;

// A jump out of blocks, which goes on when a `finally` is over.
typedef struct _leaving_t {
    struct _leaving_t *next;
    size_t handler, target;
    int blocks;
    bool pops_iterator;
} leaving_t;

typedef struct {
    const upy_prelude_t *prelude;
    const upy_code_t *codes;
    size_t n_closed;
    // By instruction: where ways meet, else NULL. `starts` has a bit for each byte that begins an instruction.
    state_t **states;
    byte *starts;
    leaving_t *leavings;
    // By function within this one: how many cells it is made with, or -1.
    int16_t *closed;
    // The most that lay on the stack.
    int deepest;
    bool is_bad;
    // Where we are.
    size_t at, next;
    int depth, level;
    kind_t *stack;
    block_t *blocks;
} flow_t;

static kind_t class_of(kind_t kind) {
    return kind & TUPLE ? TUPLE : kind & 0xf000;
}

static bool is_object(kind_t kind) {
    return kind <= BASE || class_of(kind) >= COPY;
}

static bool is_left(kind_t kind) {
    return class_of(kind) == ENTERED || class_of(kind) == LEFT;
}

// What can be put elsewhere: all but what the interpreter finds by its place.
static bool is_movable(kind_t kind) {
    return is_object(kind) || kind == NOTHING || kind == SELF || class_of(kind) == DATA || class_of(kind) == CAUSE;
}

static bool ends_plainly(kind_t kind) {
    return kind == NONE || kind == EXCEPTION || kind == NONE_OR_EXCEPTION;
}

static kind_t joined(kind_t a, kind_t b) {
    if (a == b) {
        return a;
    }
    if (is_left(b)) {
        kind_t swap = a;
        a = b;
        b = swap;
    }
    if (is_left(a)) {
        kind_t level = a & 0xfff;
        if (b == EXCEPTION) {
            return a;
        }
        return ends_plainly(b) || (is_left(b) && (b & 0xfff) == level) ? LEFT | level : BAD;
    }
    if (ends_plainly(a) && ends_plainly(b)) {
        return NONE_OR_EXCEPTION;
    }
    if (is_object(a) && is_object(b)) {
        return OBJECT;
    }
    bool may_be_self = (is_object(a) || a == SELF || a == NOTHING) && (is_object(b) || b == SELF || b == NOTHING);
    return may_be_self ? SELF : BAD;
}

static void need(flow_t *flow, bool good) {
    flow->is_bad |= !good;
}

static kind_t top(const flow_t *flow, int below) {
    return flow->depth > below ? flow->stack[flow->depth - 1 - below] : BAD;
}

static void push(flow_t *flow, kind_t kind) {
    if (flow->depth >= (int)flow->prelude->n_state) {
        flow->is_bad = true;
    } else {
        flow->stack[flow->depth++] = kind;
    }
}

static void pop(flow_t *flow, int n) {
    need(flow, flow->depth >= n);
    flow->depth = MAX(flow->depth - n, 0);
}

// Takes so many objects.
static void objects(flow_t *flow, int n) {
    for (int i = 0; i < n; i++) {
        need(flow, is_object(top(flow, i)));
    }
    pop(flow, n);
}

static void room(flow_t *flow, int depth) {
    flow->deepest = MAX(flow->deepest, depth);
}

// The two places that a `finally` is entered with, as one.
static int shortened(kind_t *stack, int depth) {
    int to = 0;
    for (int i = 0; i < depth; i++) {
        if (class_of(stack[i]) == CAUSE && to > 0 && stack[to - 1] == (DATA | (stack[i] & 0xfff))) {
            stack[to - 1] = LEFT | (stack[i] & 0xfff);
        } else {
            stack[to++] = stack[i];
        }
    }
    return to;
}

static bool same_blocks(const state_t *state, const block_t *blocks, int level) {
    if (state->level != level) {
        return false;
    }
    for (int i = 0; i < level; i++) {
        const block_t *a = &state->blocks[i], *b = &blocks[i];
        if (a->handler != b->handler || a->base != b->base || a->is_finally != b->is_finally) {
            return false;
        }
    }
    return true;
}

static state_t *new_state(const kind_t *stack, int depth, const block_t *blocks, int level) {
    state_t *state = m_malloc(sizeof(state_t) + depth * sizeof(kind_t));
    state->blocks = m_new(block_t, level);
    state->depth = depth;
    state->level = level;
    state->is_fresh = true;
    memcpy(state->stack, stack, depth * sizeof(kind_t));
    memcpy(state->blocks, blocks, level * sizeof(block_t));
    return state;
}

// Notes that an instruction is reached with this on the stack, in the first `level` of the blocks.
static void reach_with(flow_t *flow, size_t at, kind_t *stack, int depth, int level) {
    const upy_prelude_t *prelude = flow->prelude;
    if (at < prelude->start || at >= prelude->end || !(flow->starts[at / 8] & 1 << at % 8)) {
        flow->is_bad = true;
        return;
    }
    state_t **place = &flow->states[at - prelude->start];
    state_t *state = *place;
    if (state == NULL) {
        *place = new_state(stack, depth, flow->blocks, level);
        return;
    }
    if (state->depth != depth) {
        int before = state->depth;
        state->depth = shortened(state->stack, state->depth);
        state->is_fresh |= state->depth != before;
        depth = shortened(stack, depth);
    }
    if (state->depth != depth || !same_blocks(state, flow->blocks, level)) {
        flow->is_bad = true;
        return;
    }
    for (int i = 0; i < depth; i++) {
        kind_t kind = joined(state->stack[i], stack[i]);
        need(flow, kind != BAD);
        state->is_fresh |= kind != state->stack[i];
        state->stack[i] = kind;
    }
}

static void reach(flow_t *flow, size_t at) {
    kind_t *copy = flow->stack + flow->prelude->n_state;
    memcpy(copy, flow->stack, flow->depth * sizeof(kind_t));
    reach_with(flow, at, copy, flow->depth, flow->level);
}

// An exception may come in the innermost `level` blocks here.
static void reach_handler(flow_t *flow, int level) {
    const block_t *block = &flow->blocks[level - 1];
    if (flow->depth < block->base || block->base >= (int)flow->prelude->n_state) {
        flow->is_bad = true;
        return;
    }
    kind_t *copy = flow->stack + flow->prelude->n_state;
    memcpy(copy, flow->stack, block->base * sizeof(kind_t));
    copy[block->base] = block->is_finally ? ENTERED | level : EXCEPTION;
    reach_with(flow, block->handler, copy, block->base + 1, level);
}

// The interpreter goes by the place in the code, too.
static bool is_active(const flow_t *flow, int level) {
    return flow->blocks[level - 1].handler <= flow->at;
}

static void push_block(flow_t *flow, size_t handler, bool is_finally) {
    if (flow->level >= (int)flow->prelude->n_exc_stack || handler <= flow->at) {
        flow->is_bad = true;
        return;
    }
    flow->blocks[flow->level++] = (block_t) { .handler = handler, .base = flow->depth, .is_finally = is_finally };
    reach_handler(flow, flow->level);
}

// A return, with its value on the stack: what is in its way is called off, or run first.
static void leave_function(flow_t *flow) {
    int depth = flow->depth;
    for (int level = flow->level; level > 0; level--) {
        const block_t *block = &flow->blocks[level - 1];
        if (!block->is_finally) {
            continue;
        }
        if (!is_active(flow, level)) {
            need(flow, depth - 1 >= block->base);
            room(flow, block->base + 2);
            return;
        }
        kind_t below = depth >= 2 ? flow->stack[depth - 2] : BAD;
        depth -= is_left(below) || ends_plainly(below) ? 1 : 2;
        need(flow, depth >= 1);
        if (flow->is_bad) {
            return;
        }
    }
}

// Notes a jump that goes on behind a `finally`. What ends that has to be looked at once more then.
static void note_leaving(flow_t *flow, const leaving_t *noted) {
    for (const leaving_t *known = flow->leavings; known != NULL; known = known->next) {
        if (known->handler == noted->handler && known->target == noted->target && known->blocks == noted->blocks
            && known->pops_iterator == noted->pops_iterator) {
            return;
        }
    }
    leaving_t *leaving = m_new(leaving_t, 1);
    *leaving = *noted;
    leaving->next = flow->leavings;
    flow->leavings = leaving;
    const byte *code = flow->prelude->code->data + flow->prelude->start;
    for (size_t i = 0; i < flow->prelude->end - flow->prelude->start; i++) {
        if (flow->states[i] != NULL) {
            flow->states[i]->is_fresh |= code[i] == MP_BC_END_FINALLY;
        }
    }
}

// A jump out of so many blocks.
static void leave_blocks(flow_t *flow, size_t target, int blocks, bool pops_iterator) {
    room(flow, flow->depth + 2);
    for (; blocks > 0 && !flow->is_bad; blocks--, flow->level--) {
        if (flow->level == 0) {
            flow->is_bad = true;
            return;
        }
        const block_t *block = &flow->blocks[flow->level - 1];
        if (block->is_finally && !is_active(flow, flow->level)) {
            need(flow, flow->depth == block->base);
            note_leaving(flow, &(leaving_t) { NULL, block->handler, target, blocks - 1, pops_iterator });
            return;
        }
        if (block->is_finally) {
            need(flow, is_left(top(flow, 0)) || ends_plainly(top(flow, 0)));
            pop(flow, 1);
        }
    }
    if (pops_iterator) {
        for (int i = 0; i < ITERATOR; i++) {
            need(flow, !is_left(top(flow, i)));
        }
        pop(flow, ITERATOR);
    }
    if (!flow->is_bad) {
        reach(flow, target);
    }
}

static void unwind_jump(flow_t *flow, const upy_instruction_t *in) {
    int level = flow->level;
    leave_blocks(flow, in->target, in->extra & 0x7f, in->extra & 0x80);
    flow->level = level;
}

// Returns whether it can be passed.
static bool end_finally(flow_t *flow) {
    kind_t kind = top(flow, 0);
    int level = flow->level;
    if (level == 0 || !is_active(flow, level)) {
        flow->is_bad = true;
        return false;
    }
    block_t block = flow->blocks[level - 1];
    bool is_own = (kind & 0xfff) == level && block.is_finally;
    if (class_of(kind) == CAUSE && is_own) {
        need(flow, top(flow, 1) == (DATA | level));
        pop(flow, 2);
    } else {
        need(flow, ends_plainly(kind) || (is_left(kind) && is_own));
        pop(flow, 1);
    }
    flow->level--;
    if (ends_plainly(kind) || flow->is_bad) {
        return kind != EXCEPTION;
    }
    // It goes on with a return or with a jump.
    int depth = flow->depth, outer = flow->level;
    push(flow, OBJECT);
    leave_function(flow);
    for (const leaving_t *leaving = flow->leavings; leaving != NULL && !flow->is_bad; leaving = leaving->next) {
        flow->depth = depth;
        if (leaving->handler == block.handler) {
            leave_blocks(flow, leaving->target, leaving->blocks, leaving->pops_iterator);
        }
        flow->level = outer;
    }
    flow->depth = depth;
    return true;
}

static void with_cleanup(flow_t *flow) {
    kind_t kind = top(flow, 0), self = top(flow, 1);
    int level = flow->level;
    need(flow, level > 0 && is_active(flow, level) && flow->depth == flow->blocks[level - 1].base + 1);
    need(flow, ends_plainly(kind) || (is_left(kind) && (kind & 0xfff) == level));
    need(flow, (is_object(self) || self == SELF || self == NOTHING) && is_object(top(flow, 2)));
    room(flow, flow->depth + 2);
    pop(flow, 3);
    push(flow, is_left(kind) ? LEFT | (kind & 0xfff) : kind == NONE ? NONE : NONE_OR_EXCEPTION);
}

// Arguments of a call: names and values of the keywords, then the others.
static void call_arguments(flow_t *flow, int n, int pairs, bool may_unpack) {
    for (int i = 0; i < pairs; i++) {
        kind_t name = top(flow, 1);
        need(flow, is_object(top(flow, 0)) && (name == QSTR || (may_unpack && name == NOTHING)));
        pop(flow, 2);
    }
    objects(flow, n);
}

static void call(flow_t *flow, const upy_instruction_t *in) {
    bool unpacks = in->op == MP_BC_CALL_FUNCTION_VAR_KW || in->op == MP_BC_CALL_METHOD_VAR_KW;
    if (unpacks) {
        objects(flow, 1);
    }
    call_arguments(flow, in->argument & 0xff, in->argument >> 8 & 0xff, unpacks);
    if (in->op == MP_BC_CALL_METHOD || in->op == MP_BC_CALL_METHOD_VAR_KW) {
        kind_t self = top(flow, 0);
        need(flow, is_object(self) || self == SELF || self == NOTHING);
        pop(flow, 1);
    }
    objects(flow, 1);
    push(flow, OBJECT);
}

static const upy_code_t *code_of(const flow_t *flow, const mp_raw_code_t *function) {
    const upy_code_t *code = flow->codes;
    while (code != NULL && code->data != function->fun_data) {
        code = code->next;
    }
    return code;
}

// Default values are where the inner function's prelude says that they are.
static void defaults(flow_t *flow, const upy_prelude_t *inner, bool has_defaults) {
    kind_t names = NOTHING, values = NOTHING;
    if (has_defaults) {
        names = top(flow, 0);
        values = top(flow, 1);
        pop(flow, 2);
    }
    need(flow, (values == NOTHING || class_of(values) == TUPLE) && (names == NOTHING || names == DICT));
    size_t n = values == NOTHING ? 0 : values & 0x7fff;
    if (inner != NULL) {
        bool named = inner->flags & MP_SCOPE_FLAG_DEFKWARGS;
        need(flow, named ? names == DICT && n == inner->n_def_pos_args : n >= inner->n_def_pos_args);
    }
}

static void make_function(flow_t *flow, const upy_instruction_t *in) {
    bool is_closure = in->op == MP_BC_MAKE_CLOSURE || in->op == MP_BC_MAKE_CLOSURE_DEFARGS;
    bool has_defaults = in->op == MP_BC_MAKE_FUNCTION_DEFARGS || in->op == MP_BC_MAKE_CLOSURE_DEFARGS;
    const upy_code_t *code = code_of(flow, flow->prelude->code->children[in->argument]);
    upy_prelude_t inner;
    // Machine code has none.
    bool is_known = code != NULL && upy_read_prelude(&inner, code);
    int n = is_closure ? in->extra : 0;
    for (int i = 0; i < n; i++) {
        need(flow, top(flow, i) == CELL);
    }
    pop(flow, n);
    defaults(flow, is_known ? &inner : NULL, has_defaults);
    need(flow, !is_known || (size_t)n <= inner.n_pos_args);
    int16_t *closed = &flow->closed[in->argument];
    need(flow, *closed < 0 || *closed == n);
    *closed = n;
    push(flow, OBJECT);
}

static bool is_cell(const flow_t *flow, size_t local) {
    for (size_t i = 0; i < flow->prelude->n_cells; i++) {
        if (flow->prelude->cells[i] == local) {
            return true;
        }
    }
    return local < flow->n_closed;
}

static void variable(flow_t *flow, const upy_instruction_t *in) {
    bool cell = is_cell(flow, upy_local(in));
    switch (in->op) {
        case MP_BC_LOAD_DEREF:
            need(flow, cell);
            push(flow, OBJECT);
            break;
        case MP_BC_STORE_DEREF:
            need(flow, cell);
            objects(flow, 1);
            break;
        case MP_BC_DELETE_DEREF:
            need(flow, cell);
            break;
        case MP_BC_DELETE_FAST:
            need(flow, !cell);
            break;
        default:
            if (in->op == MP_BC_LOAD_FAST_N || (in->op >= MP_BC_LOAD_FAST_MULTI && in->op < MP_BC_STORE_FAST_MULTI)) {
                push(flow, cell ? CELL : OBJECT);
            } else {
                need(flow, !cell);
                objects(flow, 1);
            }
    }
}

static void copy_top(flow_t *flow) {
    kind_t kind = top(flow, 0);
    need(flow, is_object(kind) || is_left(kind));
    push(flow, class_of(kind) == ENTERED ? COPY | (kind & 0xfff) : is_left(kind) || class_of(kind) >= COPY ? OBJECT : kind);
}

static void rotate(flow_t *flow, int n) {
    for (int i = 0; i < n; i++) {
        need(flow, is_movable(top(flow, i)));
    }
    if (flow->depth >= n) {
        kind_t *places = &flow->stack[flow->depth - n], last = places[n - 1];
        memmove(places + 1, places, (n - 1) * sizeof(kind_t));
        places[0] = last;
    }
}

static void pop_jump(flow_t *flow, const upy_instruction_t *in) {
    kind_t kind = top(flow, 0), below = top(flow, 1);
    objects(flow, 1);
    if (class_of(kind) != MATCH || in->op != MP_BC_POP_JUMP_IF_FALSE || below != (ENTERED | (kind & 0xfff))) {
        reach(flow, in->target);
        return;
    }
    // It is no exception, so it is what a return or a jump has put there.
    pop(flow, 1);
    push(flow, DATA | (kind & 0xfff));
    push(flow, CAUSE | (kind & 0xfff));
    room(flow, flow->depth);
    reach(flow, in->target);
    pop(flow, 2);
    push(flow, EXCEPTION);
}

static void for_iter(flow_t *flow, const upy_instruction_t *in) {
    bool is_buffer = true;
    for (int i = 0; i < ITERATOR; i++) {
        is_buffer &= top(flow, i) == ITERATOR_LAST - i;
    }
    bool is_object_in_place = top(flow, 0) == NOTHING && top(flow, 1) == NOTHING && is_object(top(flow, 2))
        && top(flow, 3) == NOTHING;
    need(flow, is_buffer || is_object_in_place);
    if (!flow->is_bad) {
        flow->depth -= ITERATOR;
        reach(flow, in->target);
        flow->depth += ITERATOR;
        push(flow, OBJECT);
    }
}

static void store_comprehension(flow_t *flow, const upy_instruction_t *in) {
    static const kind_t kinds[] = { LIST, DICT, SET };
    need(flow, top(flow, in->argument >> 2) == kinds[in->argument & 3]);
    objects(flow, (in->argument & 3) == 1 ? 2 : 1);
}

static void binary_operation(flow_t *flow, byte op) {
    kind_t left = top(flow, 1), right = top(flow, 0);
    objects(flow, 2);
    bool asks = op == MP_BC_BINARY_OP_MULTI + MP_BINARY_OP_EXCEPTION_MATCH && right == BASE && class_of(left) == COPY;
    push(flow, asks ? MATCH | (left & 0xfff) : OBJECT);
}

static bool is_name(const flow_t *flow, size_t index, qstr name) {
    return flow->prelude->code->qstr_table[index] == name;
}

// All that takes objects and gives objects, which is most.
static void plain(flow_t *flow, const upy_instruction_t *in) {
    int takes = 0, gives = 0;
    upy_effect(in, &takes, &gives);
    objects(flow, takes);
    while (gives-- > 0 && !flow->is_bad) {
        push(flow, OBJECT);
    }
}

// Sets an item or an attribute. To delete one is to set it to nothing.
static void store_into(flow_t *flow, int places) {
    objects(flow, places);
    need(flow, is_object(top(flow, 0)) || top(flow, 0) == NOTHING);
    pop(flow, 1);
}

// What makes one object of some.
static void build(flow_t *flow, const upy_instruction_t *in, kind_t kind) {
    objects(flow, in->argument);
    push(flow, kind);
}

// Instructions after which the code does not go on, or not only there. Returns whether it was one, and what comes.
static bool jumps(flow_t *flow, const upy_instruction_t *in, bool *goes_on) {
    switch (in->op) {
        case MP_BC_RETURN_VALUE:
            need(flow, is_object(top(flow, 0)));
            leave_function(flow);
            *goes_on = false;
            return true;
        case MP_BC_RAISE_LAST:
            *goes_on = false;
            return true;
        case MP_BC_RAISE_OBJ: case MP_BC_RAISE_FROM:
            plain(flow, in);
            *goes_on = false;
            return true;
        case MP_BC_JUMP:
            reach(flow, in->target);
            *goes_on = false;
            return true;
        case MP_BC_UNWIND_JUMP:
            unwind_jump(flow, in);
            *goes_on = false;
            return true;
        case MP_BC_POP_EXCEPT_JUMP:
            need(flow, flow->level > 0 && !(flow->blocks[flow->level - 1].is_finally && is_active(flow, flow->level)));
            if (!flow->is_bad) {
                flow->level--;
                reach(flow, in->target);
                flow->level++;
            }
            *goes_on = false;
            return true;
        case MP_BC_END_FINALLY:
            *goes_on = end_finally(flow);
            return true;
        case MP_BC_POP_JUMP_IF_TRUE: case MP_BC_POP_JUMP_IF_FALSE:
            pop_jump(flow, in);
            return true;
        case MP_BC_JUMP_IF_TRUE_OR_POP: case MP_BC_JUMP_IF_FALSE_OR_POP:
            need(flow, is_object(top(flow, 0)));
            reach(flow, in->target);
            pop(flow, 1);
            return true;
        case MP_BC_FOR_ITER:
            for_iter(flow, in);
            return true;
        default:
            return false;
    }
}

static void get_iterator(flow_t *flow) {
    objects(flow, 1);
    for (int i = 0; i < ITERATOR; i++) {
        push(flow, ITERATOR_0 + i);
    }
}

static void load_method(flow_t *flow, int takes) {
    objects(flow, takes);
    push(flow, OBJECT);
    push(flow, SELF);
}

static void apply(flow_t *flow, const upy_instruction_t *in) {
    switch (in->op) {
        case MP_BC_LOAD_CONST_NONE: push(flow, NONE); break;
        case MP_BC_LOAD_CONST_STRING: push(flow, QSTR); break;
        case MP_BC_LOAD_NULL: push(flow, NOTHING); break;
        case MP_BC_LOAD_GLOBAL: push(flow, is_name(flow, in->argument, MP_QSTR_BaseException) ? BASE : OBJECT); break;
        case MP_BC_LOAD_METHOD: load_method(flow, 1); break;
        case MP_BC_LOAD_SUPER_METHOD: load_method(flow, 3); break;
        case MP_BC_DUP_TOP: copy_top(flow); break;
        case MP_BC_DUP_TOP_TWO: {
            kind_t kinds[] = { top(flow, 1), top(flow, 0) };
            need(flow, is_object(kinds[0]) && is_object(kinds[1]));
            push(flow, kinds[0]);
            push(flow, kinds[1]);
            break;
        }
        case MP_BC_ROT_TWO: rotate(flow, 2); break;
        case MP_BC_ROT_THREE: rotate(flow, 3); break;
        case MP_BC_POP_TOP:
            need(flow, top(flow, 0) < BAD || class_of(top(flow, 0)) >= COPY);
            pop(flow, 1);
            break;
        case MP_BC_SETUP_WITH:
            load_method(flow, 1);
            room(flow, flow->depth + 2);
            push_block(flow, in->target, true);
            push(flow, OBJECT);
            break;
        case MP_BC_SETUP_EXCEPT: push_block(flow, in->target, false); break;
        case MP_BC_SETUP_FINALLY: push_block(flow, in->target, true); break;
        case MP_BC_WITH_CLEANUP: with_cleanup(flow); break;
        case MP_BC_GET_ITER_STACK: get_iterator(flow); break;
        case MP_BC_BUILD_MAP: push(flow, DICT); break;
        case MP_BC_BUILD_TUPLE: build(flow, in, TUPLE | in->argument); break;
        case MP_BC_BUILD_LIST: build(flow, in, LIST); break;
        case MP_BC_BUILD_SET: build(flow, in, SET); break;
        case MP_BC_STORE_ATTR: store_into(flow, 1); break;
        case MP_BC_STORE_SUBSCR: store_into(flow, 2); break;
        case MP_BC_STORE_MAP:
            need(flow, top(flow, 2) == DICT);
            objects(flow, 2);
            break;
        case MP_BC_STORE_COMP: store_comprehension(flow, in); break;
        case MP_BC_MAKE_FUNCTION: case MP_BC_MAKE_FUNCTION_DEFARGS: case MP_BC_MAKE_CLOSURE: case MP_BC_MAKE_CLOSURE_DEFARGS:
            make_function(flow, in);
            break;
        case MP_BC_CALL_FUNCTION: case MP_BC_CALL_FUNCTION_VAR_KW: case MP_BC_CALL_METHOD: case MP_BC_CALL_METHOD_VAR_KW:
            call(flow, in);
            break;
        default:
            if (upy_local(in) != SIZE_MAX) {
                variable(flow, in);
            } else if (in->op >= MP_BC_BINARY_OP_MULTI && in->op < MP_BC_BINARY_OP_MULTI + MP_BC_BINARY_OP_MULTI_NUM) {
                binary_operation(flow, in->op);
            } else {
                plain(flow, in);
            }
    }
}

// What an exception finds below: an instruction that reaches so deep may only move things about.
static void keep_handlers(flow_t *flow, const upy_instruction_t *in, int before, int level) {
    int takes = 0, gives = 0;
    upy_effect(in, &takes, &gives);
    if (in->op == MP_BC_DUP_TOP || in->op == MP_BC_DUP_TOP_TWO || in->op == MP_BC_IMPORT_FROM) {
        // They only look.
        return;
    }
    for (level = MIN(level, flow->level); level > 0 && !flow->is_bad; level--) {
        int base = flow->blocks[level - 1].base;
        if (is_active(flow, level) || before - takes >= base) {
            continue;
        }
        need(flow, in->op == MP_BC_ROT_TWO || in->op == MP_BC_ROT_THREE);
        if (!flow->is_bad) {
            reach_handler(flow, level);
        }
    }
}

// Goes on from a place where ways meet to the next.
static void follow(flow_t *flow, size_t at) {
    state_t *state = flow->states[at - flow->prelude->start];
    state->is_fresh = false;
    flow->depth = state->depth;
    flow->level = state->level;
    memcpy(flow->stack, state->stack, state->depth * sizeof(kind_t));
    memcpy(flow->blocks, state->blocks, state->level * sizeof(block_t));
    bool goes_on = true;
    while (goes_on && !flow->is_bad) {
        upy_instruction_t in;
        if (!upy_decode(flow->prelude, at, &in)) {
            flow->is_bad = true;
            return;
        }
        flow->at = at;
        int before = flow->depth, level = flow->level;
        if (!jumps(flow, &in, &goes_on)) {
            apply(flow, &in);
        }
        keep_handlers(flow, &in, before, level);
        int more = 0;
        for (int i = 0; i < flow->depth; i++) {
            more += is_left(flow->stack[i]);
        }
        room(flow, MAX(flow->depth, before) + more);
        at = in.next;
        bool meets = at < flow->prelude->end && (flow->states[at - flow->prelude->start] != NULL
            || flow->prelude->code->data[at] == MP_BC_END_FINALLY);
        if (goes_on && !flow->is_bad && (meets || at >= flow->prelude->end)) {
            reach(flow, at);
            return;
        }
    }
}

static bool verify_function(const upy_code_t *codes, const upy_code_t *code, size_t n_closed, int16_t *closed) {
    upy_prelude_t prelude;
    if (!upy_read_prelude(&prelude, code)) {
        return false;
    }
    size_t bytes = prelude.end - prelude.start;
    flow_t flow = {
        .prelude = &prelude, .codes = codes, .n_closed = n_closed, .closed = closed,
        .states = m_new0(state_t *, bytes), .starts = m_new0(byte, prelude.end / 8 + 1),
        // The second half is for copies.
        .stack = m_new(kind_t, 2 * prelude.n_state + 2), .blocks = m_new(block_t, prelude.n_exc_stack + 1),
    };
    upy_instruction_t in;
    size_t n_locals = prelude.n_locals;
    for (size_t at = prelude.start; at < prelude.end; at = in.next) {
        flow.starts[at / 8] |= 1 << at % 8;
        upy_decode(&prelude, at, &in);
        size_t local = upy_local(&in);
        n_locals = local != SIZE_MAX ? MAX(n_locals, local + 1) : n_locals;
    }
    reach(&flow, prelude.start);
    for (bool fresh = true; fresh && !flow.is_bad;) {
        fresh = false;
        for (size_t i = 0; i < bytes && !flow.is_bad; i++) {
            if (flow.states[i] != NULL && flow.states[i]->is_fresh) {
                fresh = true;
                follow(&flow, prelude.start + i);
                if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL) {
                    mp_handle_pending(true);
                }
            }
        }
    }
    return !flow.is_bad && flow.deepest + (int)n_locals <= (int)prelude.n_state;
}

// Which variables of a function that machine code makes have to be cells, nobody tells: those that it takes for some.
static size_t taken_for_cells(const upy_code_t *code) {
    upy_prelude_t prelude;
    size_t n = 0;
    if (!upy_read_prelude(&prelude, code)) {
        return 0;
    }
    flow_t flow = { .prelude = &prelude };
    upy_instruction_t in;
    for (size_t at = prelude.start; at < prelude.end && upy_decode(&prelude, at, &in); at = in.next) {
        bool is_deref = in.op == MP_BC_LOAD_DEREF || in.op == MP_BC_STORE_DEREF || in.op == MP_BC_DELETE_DEREF;
        if (is_deref && !is_cell(&flow, in.argument)) {
            n = MAX(n, in.argument + 1);
        }
    }
    return n;
}

static bool verify(const upy_code_t *codes, const mp_raw_code_t *function, size_t n_closed) {
    mp_cstack_check();
    flow_t all = { .codes = codes };
    const upy_code_t *code = code_of(&all, function);
    // Machine code cannot be looked through.
    if (code == NULL) {
        return true;
    }
    int16_t *closed = m_new(int16_t, code->n_children);
    for (size_t i = 0; i < code->n_children; i++) {
        closed[i] = -1;
    }
    bool good = verify_function(codes, code, n_closed, closed);
    for (size_t i = 0; i < code->n_children && good; i++) {
        // What is never made is never run.
        good = closed[i] < 0 || verify(codes, code->children[i], closed[i]);
    }
    return good;
}

bool upy_verify_module(const upy_code_t *codes, const mp_raw_code_t *module) {
    flow_t all = { .codes = codes };
    if (code_of(&all, module) != NULL) {
        return verify(codes, module, 0);
    }
    bool good = true;
    for (const upy_code_t *code = codes; code != NULL && good; code = code->next) {
        mp_raw_code_t function = { .fun_data = code->data };
        good = verify(codes, &function, taken_for_cells(code));
    }
    return good;
}
