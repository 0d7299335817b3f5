# psram: none
# The C half of asyncio, called by hand: what is no task or no queue is refused, a task is in one queue at a time, and
# without an event loop there is nothing to cancel in.
import _asyncio, asyncio

Task, Queue = _asyncio.Task, _asyncio.TaskQueue


def raises(kind, f):
    try:
        f()
    except kind:
        return
    assert False, "nothing raised"


def coroutine():
    yield


task = Task(coroutine())
raises(RuntimeError, task.cancel)
for context in (0, 5, "context", [], coroutine()):
    raises(TypeError, lambda: Task(coroutine(), context))

queue, other = Queue(), Queue()


class Derived(Task):
    pass


for wrong in (None, 0, 5, "task", queue, coroutine(), Derived(coroutine())):
    raises(TypeError, lambda: queue.push(wrong))
    raises(TypeError, lambda: queue.remove(wrong))
for ticks in (None, 1 << 40, 1.5, "now"):
    raises(TypeError, lambda: queue.push(task, ticks))

# In one queue at a time, and it can be put in again.
tasks = [Task(coroutine()) for _ in range(20)]
for n, t in enumerate(tasks):
    queue.push(t, n * 7 % 20)
for t in tasks:
    raises(ValueError, lambda: queue.push(t, 0))
    raises(ValueError, lambda: other.push(t, 0))
    other.remove(t)
order = [queue.pop().ph_key for _ in tasks]
assert order == list(range(20)), order
assert queue.peek() is None
raises(IndexError, queue.pop)
for t in tasks:
    other.push(t, 3)
    other.remove(t)
    other.remove(t)
assert other.peek() is None

# What a script writes into a task.
done = Task(coroutine())
done.state, done.data = None, 5
raises(TypeError, lambda: next(iter(done)))
context = {"cur_task": 5, "_task_queue": 6, "CancelledError": 7}
waiting = Task(coroutine(), context)
waiting.data = Task(coroutine())
waiting.data.ph_key
raises(TypeError, lambda: next(iter(waiting)))
queue.push(waiting, 1 << 20)
try:
    waiting.cancel()
except TypeError:
    pass
raises(RuntimeError, lambda: (Task(coroutine(), {"cur_task": waiting}), waiting.cancel()))
raises(KeyError, lambda: (Task(coroutine(), {}), waiting.cancel()))


# And it still does what it is for.
async def sleeper(n):
    try:
        await asyncio.sleep_ms(n)
        return n
    except asyncio.CancelledError:
        return -1


async def main():
    slow = asyncio.create_task(sleeper(10_000))
    await asyncio.sleep_ms(1)
    slow.cancel()
    return [await slow] + await asyncio.gather(sleeper(3), sleeper(1), sleeper(2))


assert asyncio.run(main()) == [-1, 3, 1, 2]


# What ends an `async with` is an exception, whatever the module calls BaseException.
class BaseException:
    pass


class Managed:
    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, trace):
        seen.append(kind)
        return kind is ValueError


async def managed(error):
    for _ in range(2):
        async with Managed():
            if error:
                raise error
            continue
    async with Managed():
        return 7


seen = []
assert asyncio.run(managed(None)) == 7
assert asyncio.run(managed(ValueError())) == 7
raises(KeyError, lambda: asyncio.run(managed(KeyError())))
assert seen == [None, None, None, ValueError, ValueError, None, KeyError], seen
print("ok")
