# psram: esp-psram64h
# A day in the life of a gateway: it samples, keeps histories, talks JSON, takes pictures, serves sessions, makes mistakes and
# sleeps. All that it keeps is checked when it is let go. `MINUTES` of virtual time, with a look at the heap all `EVERY`;
# `cargo xtask bench soak` sets them to a day and an hour.
import gc, json, micropython, random, spiram, struct, time

try:
    MINUTES, EVERY
except NameError:
    MINUTES, EVERY = 6, 2

ROOMS = ("kitchen", "cellar", "attic", "hall", "yard")


class Session:
    def __init__(self, number, ends):
        self.number = number
        self.ends = ends
        self.inbox = []
        self.settings = {"name": "user%d" % number, "rights": ["read", "write"][: 1 + number % 2]}

    def take(self, text):
        self.inbox.append(text)
        if len(self.inbox) > 20:
            self.inbox = self.inbox[10:]

    def check(self):
        assert self.settings["name"] == "user%d" % self.number
        assert all(text.startswith("{") for text in self.inbox)


class Gateway:
    def __init__(self):
        self.tick = 0
        self.history = {room: [] for room in ROOMS}
        self.last = {}
        self.pictures = []
        self.sessions = []
        self.log = []
        self.errors = 0

    def sample(self):
        for room in ROOMS:
            seen = self.history[room]
            seen.append((self.tick, 20 + random.random() * 5, random.getrandbits(10) / 8))
            if len(seen) > 400:
                # In order, and none lost.
                assert seen[0][0] + 400 == seen[-1][0]
                del seen[0]

    def publish(self):
        room = random.choice(ROOMS)
        newest = self.history[room][-8:]
        document = {
            "room": room,
            "tick": self.tick,
            "mean": sum(one[1] for one in newest) / len(newest),
            "values": [{"t": t, "c": c, "h": h} for t, c, h in newest],
        }
        text = json.dumps(document)
        back = json.loads(text)
        assert back["tick"] == self.tick and len(back["values"]) == len(newest)
        # Topics come and go, with names and texts of many lengths.
        topic = room + "/" + "x" * random.randrange(1, 40) + str(random.randrange(50))
        self.last[topic] = text
        if len(self.last) > 150:
            del self.last[random.choice(list(self.last))]
        for session in self.sessions:
            if random.getrandbits(2) == 0:
                session.take(text)

    def serve(self):
        if random.getrandbits(3) == 0:
            self.sessions.append(Session(self.tick, self.tick + random.randrange(10, 400)))
        for session in self.sessions:
            if session.ends <= self.tick:
                session.check()
        self.sessions = [session for session in self.sessions if session.ends > self.tick]

    def picture(self):
        # A few at a time, each of another size, let go in any order.
        if len(self.pictures) >= 5:
            number, data = self.pictures.pop(random.randrange(5))
            assert struct.unpack_from("<II", data) == (number, len(data))
            assert struct.unpack_from("<I", data, len(data) - 4)[0] == number
        size = random.randrange(10_000, 200_000)
        data = bytearray(size)
        struct.pack_into("<II", data, 0, self.tick, size)
        struct.pack_into("<I", data, size - 4, self.tick)
        self.pictures.append((self.tick, data))

    def mistakes(self):
        for bad in ("nonsense", "", "tru", '"half a string'):
            try:
                json.loads(bad)
            except ValueError as error:
                self.errors += 1
                self.note("bad message %r: %s" % (bad, error))
        try:
            self.history["no such room"]
        except KeyError as error:
            self.note("no room %s" % error.args[0])

    def rest(self):
        # So that every look finds it in the same state: only what it keeps for long.
        for number, data in self.pictures:
            assert struct.unpack_from("<II", data) == (number, len(data))
        self.pictures = []

    def note(self, text):
        self.log.append("%08d %s" % (self.tick, text))
        if len(self.log) > 300:
            self.log = self.log[100:]

    def report(self):
        # Once in a while something large and short-lived: every value of the day in one table, and one large upload.
        table = {}
        for room in ROOMS:
            for t, c, h in self.history[room]:
                table.setdefault(t, []).append((room, c, h))
        lines = ["%d,%s" % (t, ",".join("%.1f" % c for _, c, _ in table[t])) for t in sorted(table)]
        upload = bytearray(2_000_000)
        upload[: len(lines[0])] = lines[0].encode()
        assert upload[-1] == 0
        self.note("report of %d lines" % len(lines))

    def step(self):
        self.tick += 1
        self.sample()
        self.publish()
        self.serve()
        if self.tick % 4 == 0:
            self.picture()
        if self.tick % 3 == 0:
            self.mistakes()
        if self.tick % 100 == 50:
            self.report()


def look(at):
    gc.collect()
    print("look at", at, "free", gc.mem_free())
    # What is called `max free sz` there is the largest free block.
    micropython.mem_info()


random.seed(1)
look(0)
gateway = Gateway()
for n in range(MINUTES // EVERY):
    # By the seconds slept, so that a slow heap and a fast one do the same.
    left = 60 * EVERY
    while left > 0:
        gateway.step()
        nap = random.randrange(1, 15)
        time.sleep(nap)
        left -= nap
    gateway.rest()
    look((n + 1) * EVERY)
print("ticks", gateway.tick, "errors", gateway.errors)
assert gateway.errors == gateway.tick // 3 * 4
gateway = None
look("the end")
