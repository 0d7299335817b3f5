// The program: takes work from standard input, and answers on standard output. All numbers are 32 bits, little end first.
//  'A' bytes, source: runs it here and keeps what it leaves. Answer: what it printed and the traceback, each bytes, text.
//  'R' fail, bytes, source, bytes, input: runs the source in a child, with the input in the room. Every `fail`th allocation
//      fails. Answer: the child's status as of waitpid, statements begun, what it wrote to standard error as bytes, text.
// The room is the bytearray `P_` in Python: statements begun, bytes of input, input.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/objarray.h"
#include "py/runtime.h"

#define ROOM (1u << 20)
#define HEADER 8
#define STACK (4u << 20)
#define SECONDS 60

static uint8_t *room;

static void get(void *to, size_t bytes) {
    if (fread(to, 1, bytes, stdin) != bytes) {
        exit(0);
    }
}

static uint32_t get_number(void) {
    uint32_t number;
    get(&number, sizeof(number));
    return number;
}

static char *get_text(uint32_t *bytes) {
    *bytes = get_number();
    char *text = malloc(*bytes + 1);
    get(text, *bytes);
    text[*bytes] = 0;
    return text;
}

static void put(const void *text, uint32_t bytes) {
    fwrite(&bytes, 1, sizeof(bytes), stdout);
    fwrite(text, 1, bytes, stdout);
}

static void run(const char *source, size_t bytes) {
    mp_lexer_t *lexer = mp_lexer_new_from_str_len(MP_QSTR__lt_stdin_gt_, source, bytes, 0);
    mp_parse_tree_t tree = mp_parse(lexer, MP_PARSE_FILE_INPUT);
    mp_call_function_0(mp_compile(&tree, MP_QSTR__lt_stdin_gt_, true));
}

static void ask(void) {
    uint32_t bytes;
    char *source = get_text(&bytes);
    upy_host_said_bytes = 0;
    size_t printed;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        run(source, bytes);
        nlr_pop();
        printed = upy_host_said_bytes;
    } else {
        printed = upy_host_said_bytes;
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    free(source);
    put(upy_host_said, printed);
    put(upy_host_said + printed, upy_host_said_bytes - printed);
}

static NORETURN void child(const char *source, size_t bytes) {
    struct rlimit limit = { SECONDS, SECONDS + 5 };
    setrlimit(RLIMIT_CPU, &limit);
    upy_host_listening = false;
    upy_host_watch(room);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        run(source, bytes);
        nlr_pop();
    }
    _exit(0);
}

static void run_in_child(FILE *errors) {
    uint32_t fail = get_number(), bytes, input_bytes;
    char *source = get_text(&bytes);
    char *input = get_text(&input_bytes);
    if (input_bytes > ROOM - HEADER) {
        input_bytes = ROOM - HEADER;
    }
    memset(room, 0, HEADER);
    memcpy(room + 4, &input_bytes, sizeof(input_bytes));
    memcpy(room + HEADER, input, input_bytes);
    free(input);
    if (ftruncate(fileno(errors), 0) != 0) {
        exit(1);
    }
    rewind(errors);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(errors), STDERR_FILENO);
        upy_host_fail_every = fail;
        child(source, bytes);
    }
    free(source);
    int status = 0;
    waitpid(pid, &status, 0);
    uint32_t answer[] = { status, room[0] | room[1] << 8 };
    fwrite(answer, 1, sizeof(answer), stdout);
    static char text[16384];
    rewind(errors);
    put(text, fread(text, 1, sizeof(text), errors));
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    int here;
    mp_cstack_init_with_top(&here, STACK);
    mp_init();
    room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mp_store_global(qstr_from_str("P_"), mp_obj_new_bytearray_by_ref(ROOM, room));
    FILE *errors = tmpfile();
    for (;;) {
        uint8_t what;
        get(&what, 1);
        if (what == 'A') {
            ask();
        } else {
            run_in_child(errors);
        }
        fflush(stdout);
    }
}
