#!/usr/bin/env python3
"""Checks a Digital Resistance ledger, offline, with nothing but Python 3.8 or newer.

usage: verify_ledger.py FOLDER VKEY [--since OLD_CHECKPOINT_FILE]

FOLDER holds "checkpoint" and "tile/"; VKEY is the log's key (several, separated by blanks, while a key is being replaced). Checks the
signature, every entry, every tile, the root, and that the log only grew since an older checkpoint; then adds up what came in and went out.
verify_books.py, beside this file, goes on with credits, rounds, approvals and payments. The last line begins with OK or FAILED; exit code 0 or 1.
"""
import base64, hashlib, json, os, re, struct, sys

class Bad(Exception): pass
def need(holds, text):
    if not holds: raise Bad(text)

# ---- RFC 6962 hashes ----
sha = lambda b: hashlib.sha256(b).digest()
leaf = lambda entry: sha(b"\x00" + entry)
def root(h):
    if not h: return sha(b"")
    while len(h) > 1:                                  # an odd one at the end goes up as it is: the same tree as the recursive definition
        h = [sha(b"\x01" + h[i] + h[i + 1]) for i in range(0, len(h) - 1, 2)] + ([h[-1]] if len(h) % 2 else [])
    return h[0]

# ---- Ed25519, RFC 8032 section 5.1.7 ----
P = 2**255 - 19; L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P; I = pow(2, (P - 1) // 4, P)
def point(b):
    y = int.from_bytes(b, "little"); sign = y >> 255; y &= (1 << 255) - 1
    if y >= P: return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P: x = x * I % P
    if (x * x - xx) % P or (x == 0 and sign): return None
    if x & 1 != sign: x = P - x
    return x, y, 1, x * y % P
def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P; b = (p[1] + p[0]) * (q[1] + q[0]) % P; c = 2 * p[3] * q[3] * D % P; d = 2 * p[2] * q[2] % P
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P
def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1: q = add(q, p)
        p = add(p, p); n >>= 1
    return q
BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def ed25519(public, text, sig):
    a, r, s = point(public), point(sig[:32]), int.from_bytes(sig[32:], "little")
    if len(sig) != 64 or not a or not r or s >= L: return False
    k = int.from_bytes(hashlib.sha512(sig[:32] + public + text).digest(), "little") % L
    u, v = times(s, BASE), add(r, times(k, a))
    return (u[0] * v[2] - v[0] * u[2]) % P == 0 and (u[1] * v[2] - v[1] * u[2]) % P == 0

# ---- C2SP signed notes and checkpoints ----
def b64(text):
    try: b = base64.b64decode(text, validate=True)
    except ValueError: b = None
    need(b is not None and base64.b64encode(b).decode() == text, "not canonical base64")
    return b
def parse_vkey(vkey):
    need(vkey.count("+") >= 2, "a verifier key is written name+id+key")
    name, ident, key = vkey.split("+", 2); key = b64(key)
    need(len(key) == 33 and key[0] == 1 and sha(name.encode() + b"\n" + key)[:4].hex() == ident, "not an Ed25519 verifier key")
    return name, bytes.fromhex(ident), key[1:]
def open_checkpoint(raw, vkeys):
    try: note = raw.decode("utf-8")
    except UnicodeDecodeError: raise Bad("not UTF-8")
    need(not any(ord(c) < 32 and c != "\n" for c in note) and "\n\n" in note and note.endswith("\n"), "not a signed note")
    cut = note.rindex("\n\n") + 1; text, lines = note[:cut], note[cut + 1:-1].split("\n")
    signed = None
    for line in lines:
        m = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line); need(m and not re.search(r"\s", m[1]), "malformed signature line")
        blob = b64(m[2]); need(len(blob) > 4, "short signature")
        for name, ident, public in vkeys:
            if (m[1], blob[:4]) != (name, ident): continue
            need(ed25519(public, text.encode(), blob[4:]), "BAD SIGNATURE by " + name); signed = signed or name
    need(signed, "not signed by the key given")
    part = text.split("\n"); need(len(part) == 4 and part[3] == "" and re.fullmatch("0|[1-9][0-9]*", part[1]), "malformed checkpoint")
    need(part[0] == signed, "the checkpoint is of another log"); h = b64(part[2]); need(len(h) == 32, "bad root")
    return part[0], int(part[1]), h

# ---- C2SP tlog-tiles ----
def path(level, n, width):
    s = "%03d" % (n % 1000)
    while n >= 1000: n //= 1000; s = "x%03d/%s" % (n % 1000, s)
    return "tile/%s/%s%s" % (level, s, "" if width == 256 else ".p/%d" % width)
def read(folder, level, n, width):
    for w in (width, 256):                             # a partial file may have made way for the full one
        file = os.path.join(folder, *path(level, n, w).split("/"))
        if os.path.exists(file):
            with open(file, "rb") as f: return f.read(), w
    raise Bad("missing " + path(level, n, width))
def bundle(raw):
    out, i = [], 0
    while i < len(raw):
        need(i + 2 <= len(raw), "a bundle is cut"); (n,) = struct.unpack(">H", raw[i:i + 2])
        need(i + 2 + n <= len(raw), "a bundle is cut"); out.append(raw[i + 2:i + 2 + n]); i += 2 + n
    return out
def read_log(folder, vkeys, old=None):
    try:
        with open(os.path.join(folder, "checkpoint"), "rb") as f: origin, size, signed = open_checkpoint(f.read(), vkeys)
    except FileNotFoundError: raise Bad("missing checkpoint")
    entries, level = [], 0
    for n in range((size + 255) // 256):
        width = min(256, size - n * 256); raw, holds = read(folder, "entries", n, width); got = bundle(raw)
        need(len(got) == holds, "%s holds %d entries" % (path("entries", n, holds), len(got))); entries += got[:width]
    leaves = row = [leaf(e) for e in entries]
    while row:
        for n in range((len(row) + 255) // 256):
            width = min(256, len(row) - n * 256); raw, holds = read(folder, level, n, width)
            need(len(raw) == 32 * holds and raw[:32 * width] == b"".join(row[n * 256:n * 256 + width]), path(level, n, width) + " does not fit what lies below it")
        row = [root(row[i:i + 256]) for i in range(0, len(row) - 255, 256)]; level += 1
    need(root(leaves) == signed, "the entries do not lead to the signed root")
    if old:
        o, s, r = open_checkpoint(old, vkeys)
        need(o == origin and s <= size and root(leaves[:s]) == r, "NOT APPEND-ONLY since the older checkpoint of %d entries" % s)
    return origin, entries

# ---- what came in and went out: compare with the ledger page, and with the chain ----
def sums(entries):
    received = paid = fees = 0
    for i, raw in enumerate(entries):
        try:
            e = json.loads(raw); t = e["type"]
            if t in ("donation.confirmed", "treasury.received"): received += e["amount_sat"]
            if t in ("donation.reverted", "treasury.reverted"): received -= e["amount_sat"]
            if t == "treasury.spent_external": received += e["returned_sat"] - e["spent_sat"]
            if t == "treasury.spent_reverted": received += e["spent_sat"] - e["returned_sat"]
            if t == "tx.confirmed": paid += e["paid_sat"]; fees += e["fee_sat"]
            if t == "tx.unconfirmed": paid -= e["paid_sat"]; fees -= e["fee_sat"]
        except (ValueError, TypeError, KeyError): raise Bad("entry %d is not an entry" % i)
    return "received %d sat, paid %d sat, fees %d sat, balance %d sat" % (received, paid, fees, received - paid - fees)

def arguments(doc):
    args, old = sys.argv[1:], None
    if "--since" in args and args.index("--since") + 1 < len(args):
        at = args.index("--since"); old = open(args[at + 1], "rb").read(); del args[at:at + 2]
    if len(args) != 2: sys.exit(doc)
    return args[0], [parse_vkey(v) for v in args[1].split()], old

if __name__ == "__main__":
    try:
        folder, vkeys, old = arguments(__doc__); origin, entries = read_log(folder, vkeys, old)
        print("OK %s: %d entries, %s" % (origin, len(entries), sums(entries)))
    except Bad as bad: print("FAILED:", bad); sys.exit(1)
