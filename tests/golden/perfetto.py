# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Perfetto's format for traces.py: read by what perfetto.txt says, never by the .proto that the writer has."""
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = os.path.join(HERE, "../../user/output/export/perfetto.proto")
CLEARED, NEEDS = 1, 2
BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4
BOOTTIME = 6
MAX_ANCESTORS = 10
NAMES, CATEGORIES, KEYS, VALUES = "event_names", "event_categories", "debug_annotation_names", "debug_annotation_string_values"


class Fault(Exception):
    pass


def missing():
    """What is not installed; None: nothing."""
    try:
        import google.protobuf.descriptor_pb2  # noqa: F401
    except ImportError:
        return "python3-protobuf"
    return None if shutil.which("protoc") else "protobuf-compiler"


def facts():
    with open(os.path.join(HERE, "perfetto.txt"), encoding="utf-8") as f:
        return [line.strip() for line in f if line.strip() and line[0] != "#"]


def trace_class():
    """Trace as a class of python3-protobuf, of the facts. Enums are read as the numbers that they are written as, text
    as bytes, since a string that is not UTF-8 only makes the library complain."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    of = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="facts.proto", package="facts", syntax="proto2")
    messages = {}
    for fact in facts():
        name, number, *kind = fact.split()
        if not kind:
            continue
        message, field = name.replace(".", "_", name.count(".") - 1).split(".")
        if message not in messages:
            messages[message] = file.message_type.add(name=message)
        added = messages[message].field.add(name=field, number=int(number), label=getattr(of, "LABEL_" + kind[0].upper()))
        scalar = of.TYPE_BYTES if kind[1] == "string" else getattr(of, "TYPE_" + kind[1].upper(), None)
        added.type = scalar or of.TYPE_MESSAGE
        if not scalar:
            added.type_name = ".facts." + kind[1].replace(".", "_")
    for message in file.message_type:
        for field in message.field:
            if field.type == of.TYPE_MESSAGE and field.type_name.rsplit(".", 1)[1] not in messages:
                field.type = of.TYPE_INT32
                field.ClearField("type_name")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("facts.Trace")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


# --- the .proto of the writer ---

def facts_of(proto):
    """What a .proto says, by its descriptors."""
    from google.protobuf import descriptor_pb2
    of = descriptor_pb2.FieldDescriptorProto
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "perfetto.proto"), "w", encoding="utf-8") as f:
            f.write(proto)
        subprocess.run(["protoc", "-I", work, "--descriptor_set_out=" + os.path.join(work, "set"), "perfetto.proto"],
                       cwd=work, check=True)
        with open(os.path.join(work, "set"), "rb") as f:
            file = descriptor_pb2.FileDescriptorSet.FromString(f.read()).file[0]

    def of_enum(enum, above):
        return [f"{above}{enum.name}.{v.name} {v.number}" for v in enum.value]

    def of_message(message, above):
        prefix, found = f"{above}{message.name}.", []
        for f in message.field:
            kind = of.Type.Name(f.type)[5:].lower()
            if f.type_name:
                kind = f.type_name.split(".", 2)[2]
            found.append(f"{prefix}{f.name} {f.number} {of.Label.Name(f.label)[6:].lower()} {kind}")
        for enum in message.enum_type:
            found += of_enum(enum, prefix)
        for nested in message.nested_type:
            found += of_message(nested, prefix)
        return found

    found = []
    for enum in file.enum_type:
        found += of_enum(enum, "")
    for message in file.message_type:
        found += of_message(message, "")
    return found


def check_proto():
    """Upstream and the writer's .proto say the same; and three ways to get that wrong are found."""
    with open(PROTO, encoding="utf-8") as f:
        proto = f.read()
    upstream = set(facts())
    for fact in sorted(upstream ^ set(facts_of(proto))):
        yield f"in one of perfetto.txt and perfetto.proto: {fact}"
    for right, wrong in (("BuiltinClock primary_trace_clock", "uint32 primary_trace_clock"),
                         ("fixed64 flow_ids", "uint64 flow_ids"), ("string_value_iid = 17", "string_value_iid = 18")):
        assert right in proto
        if not upstream ^ set(facts_of(proto.replace(right, wrong))):
            yield f"{wrong} is not found"


# --- a trace ---

def decode(data):
    trace = trace_class().FromString(data)
    known = type(trace)()
    known.CopyFrom(trace)
    known.DiscardUnknownFields()
    if known.ByteSize() != len(data):
        raise Fault("there are fields that upstream does not have, or has otherwise")
    return trace


class Sequence:
    """What a reader of packets knows as they come: strings by their numbers, tracks."""

    def __init__(self):
        self.strings = {index: {} for index in (NAMES, CATEGORIES, KEYS, VALUES)}
        self.tracks = {}
        self.start = None

    def add_strings(self, data):
        for index, known in self.strings.items():
            for entry in getattr(data, index):
                text = (entry.str if index == VALUES else entry.name).decode("utf-8")
                if not entry.iid or entry.iid in known:
                    raise Fault(f"{index} has {entry.iid} twice")
                known[entry.iid] = text

    def string(self, index, iid):
        if iid not in self.strings[index]:
            raise Fault(f"{index} has no {iid}")
        return self.strings[index][iid]

    def add_track(self, track):
        before = self.tracks.get(track.uuid)
        parent = track.parent_uuid if track.HasField("parent_uuid") else None
        if not track.uuid or not track.name or (parent is None) != (track.uuid == 1):
            raise Fault(f"a track needs a number, a name and one above: {track}")
        if parent is not None and parent not in self.tracks:
            raise Fault(f"no such parent: {track}")
        if before and (before["parent"], before["counter"]) != (parent, track.HasField("counter")):
            raise Fault(f"another track has that number: {track}")
        self.tracks[track.uuid] = {"name": track.name.decode("utf-8"), "parent": parent, "counter": track.HasField("counter")}
        depth, up = 0, parent
        while up is not None:
            depth, up = depth + 1, self.tracks[up]["parent"]
            if depth > MAX_ANCESTORS:
                raise Fault(f"too deep for a viewer: {track}")

    def add_clocks(self, clocks):
        times = {c.clock_id: c.timestamp for c in clocks.clocks}
        if clocks.primary_trace_clock != BOOTTIME or BOOTTIME not in times or self.start is not None:
            raise Fault(f"not the clock of the trace: {clocks}")
        self.start = times[BOOTTIME]

    def arg(self, a):
        values = [f for f in ("uint_value", "string_value", "string_value_iid") if a.HasField(f)]
        if len(values) != 1:
            raise Fault(f"not one value: {a}")
        value = getattr(a, values[0])
        if values[0] == "string_value":
            value = value.decode("utf-8")
        return self.string(KEYS, a.name_iid), self.string(VALUES, value) if values[0] == "string_value_iid" else value

    def event(self, packet):
        e = packet.track_event
        if e.track_uuid not in self.tracks or not packet.HasField("timestamp") or packet.timestamp < self.start:
            raise Fault(f"no such track, or no such time: {packet}")
        if self.tracks[e.track_uuid]["counter"] != (e.type == COUNTER) or e.type not in (BEGIN, END, INSTANT, COUNTER):
            raise Fault(f"not what a track of that kind has: {packet}")
        args = [self.arg(a) for a in e.debug_annotations]
        if len(dict(args)) != len(args):
            raise Fault(f"an argument is there twice: {packet}")
        return {"type": e.type, "track": e.track_uuid, "ts": packet.timestamp - self.start, "args": dict(args),
                "name": self.string(NAMES, e.name_iid) if e.HasField("name_iid") else None,
                "cat": [self.string(CATEGORIES, c) for c in e.category_iids],
                "value": e.counter_value if e.HasField("counter_value") else None,
                "flows": [(i, "on") for i in e.flow_ids] + [(i, "f") for i in e.terminating_flow_ids]}


def read(trace):
    """Its tracks and events, in the order of the file."""
    sequence, events = Sequence(), []
    for nr, packet in enumerate(trace.packet):
        first = nr == 0
        if packet.trusted_packet_sequence_id != 1 or packet.sequence_flags != (CLEARED if first else NEEDS) or \
           packet.first_packet_on_sequence != first:
            raise Fault(f"not a packet of the sequence: {packet}")
        if sum(packet.HasField(f) for f in ("clock_snapshot", "track_event", "interned_data", "track_descriptor")) != 1:
            raise Fault(f"not one thing: {packet}")
        if packet.HasField("interned_data"):
            sequence.add_strings(packet.interned_data)
        elif packet.HasField("track_descriptor"):
            sequence.add_track(packet.track_descriptor)
        elif packet.HasField("clock_snapshot"):
            sequence.add_clocks(packet.clock_snapshot)
        else:
            events.append(sequence.event(packet))
    return sequence.tracks, events


def spans(events):
    """Begin and end are put together, as a viewer does: by time, and in the file's order where that is the same."""
    stacks, done = {}, []
    for e in sorted(events, key=lambda e: e["ts"]):
        stack = stacks.setdefault(e["track"], [])
        if e["type"] == BEGIN:
            stack.append(e)
        elif e["type"] == END:
            if not stack:
                raise Fault(f"nothing ends there: {e}")
            done.append({**stack.pop(), "end": e["ts"]})
    for track, stack in stacks.items():
        if stack:
            raise Fault(f"does not end on {track}: {stack}")
    return done


def text(trace):
    """A line for each track and event, for people."""
    tracks, events = read(trace)
    for uuid, t in tracks.items():
        yield f"track {uuid} below {t['parent'] or '-'}: {t['name']}{' (counter)' if t['counter'] else ''}"
    for e in events:
        what = {BEGIN: "begin", END: "end", INSTANT: "at", COUNTER: "count"}[e["type"]]
        args = "".join(f" {k}={v}" for k, v in e["args"].items())
        flows = "".join(f" {'->' if kind == 'f' else '--'}{i}" for i, kind in e["flows"])
        value = "" if e["value"] is None else f" {e['value']}"
        yield f"{e['ts']} {e['track']} {what} {'/'.join(e['cat'])} {e['name'] or ''}{value}{args}{flows}".replace("  ", " ").rstrip()


# --- what must be found ---

def of(trace, what, where=lambda e: True):
    return [p for p in trace.packet if p.HasField(what) and where(getattr(p, what))]


def event(trace, kind, where=lambda e: True):
    return of(trace, "track_event", lambda e: e.type == kind and where(e))


def no_name(trace):
    trace.packet.remove([p for p in of(trace, "interned_data") if p.interned_data.event_names][0])


def no_value(trace):
    trace.packet.remove([p for p in of(trace, "interned_data") if p.interned_data.debug_annotation_string_values][0])


def no_parent(trace):
    of(trace, "track_descriptor")[-1].track_descriptor.parent_uuid = 1 << 40


def ring(trace):
    of(trace, "track_descriptor")[-1].track_descriptor.parent_uuid = of(trace, "track_descriptor")[-1].track_descriptor.uuid


def no_track(trace):
    event(trace, INSTANT)[0].track_event.track_uuid = 1 << 40


def no_end(trace):
    trace.packet.remove(event(trace, END)[0])


def ends_early(trace):
    event(trace, BEGIN, lambda e: e.track_uuid != 1)[-1].timestamp += 1 << 50


def before_start(trace):
    of(trace, "clock_snapshot")[0].clock_snapshot.clocks[0].timestamp += 1 << 50


def no_such_flow(trace):
    event(trace, INSTANT, lambda e: e.flow_ids)[0].track_event.ClearField("flow_ids")


def flow_without_end(trace):
    of(trace, "track_event", lambda e: e.terminating_flow_ids)[0].track_event.ClearField("terminating_flow_ids")


def counts_back(trace):
    event(trace, COUNTER)[-1].track_event.counter_value = -1


def no_access(trace):
    trace.packet.remove(event(trace, INSTANT, lambda e: e.track_uuid != 1)[0])


def other_time(trace):
    event(trace, INSTANT)[0].timestamp += 1


def needs_nothing(trace):
    event(trace, INSTANT)[0].sequence_flags = 0


def cleared_again(trace):
    event(trace, END)[0].sequence_flags = CLEARED


def no_clock(trace):
    of(trace, "clock_snapshot")[0].clock_snapshot.primary_trace_clock = 3


BREAKS = (no_name, no_value, no_parent, ring, no_track, no_end, ends_early, before_start, no_such_flow, flow_without_end, counts_back,
          no_access, other_time, needs_nothing, cleared_again, no_clock)


def unread(data):
    """Bytes that are no trace, and are taken for one."""
    field = re.escape(b"\x50\x01")    # the sequence's number
    for what, broken in (("cut", data[:-1]), ("an unknown field", data + b"\x12\x00"), ("not UTF-8", data.replace(b"goenvbpf", b"go\xff\xfevbpf", 1)),
                         ("another type", re.sub(field, b"\x51\x01", data, 1))):
        try:
            read(decode(broken))
        except Exception:    # DecodeError is of no public class
            continue
        yield f"{what} is not found"
