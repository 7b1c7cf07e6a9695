#!/usr/bin/env python3
"""Checks what the entries of a Digital Resistance ledger say: coins, credits, every round's arithmetic, approvals, payments.

usage: verify_books.py FOLDER VKEY [--since OLD_CHECKPOINT_FILE]      (verify_ledger.py must be beside it, and is run first)

The rules are those of docs/specs/ledger.md. The last line begins with OK, PARTIAL (there are entries this program does not know) or FAILED
with the place; exit code 0, 2 or 1. Signatures of approvals and the chain itself are checked by the program DigitalResistance.Verify.
"""
import hashlib, json, re, sys
from verify_ledger import Bad, need, sha, read_log, arguments

# ---- the one spelling: sorted keys, no blanks, integers below 2^53, plain ASCII without escapes ----
def parse(raw):
    try:
        text = raw.decode("ascii"); need("\\" not in text, "an escape"); e = json.loads(text, parse_float=need, parse_constant=need)
        need(isinstance(e, dict) and json.dumps(e, sort_keys=True, separators=(",", ":")) == text, "not canonical"); plain(e)
    except (ValueError, TypeError, RecursionError): raise Bad("not canonical JSON")
    return e
def plain(v, depth=0):
    if isinstance(v, (dict, list)): need(depth <= 8, "nested too deep"); [plain(x, depth + 1) for x in (v.values() if isinstance(v, dict) else v)]
    elif isinstance(v, str): need(all(" " <= c <= "~" for c in v), "not printable")
    else: need(type(v) is int and abs(v) < 2**53, "neither text nor integer")

# ---- members of every type, beside v, type, time, in the order of the table in docs/specs/ledger.md ----
# n integer from 0; t text; h 64 hexadecimal digits; s sha256: and 64 of them; c list of coins; l list of texts; ? may be absent
SHAPES = {
    "log.created": "origin:t key:t", "log.key_added": "key:t", "log.key_revoked": "key:t", "policy.updated": "policy:s name:t", "incident": "code:t from:n? to:n?",
    "registry.snapshot": "round:n commitments:s counts:l", "schedule.committed": "day:t from:t slot_s:n policy:s targets:s seed:s", "schedule.revealed": "day:t seed:t",
    "treasury.rotated": "network:t descriptor_hash:s descriptor:t?", "treasury.confirmed": "descriptor_hash:s threshold:n fingerprints:l",
    "treasury.rehearsed": "descriptor_hash:s move:n txid:h amount_sat:n fee_sat:n fingerprints:l",
    "donation.confirmed": "amount_sat:n txid:h vout:n height:n address_index:n", "donation.reverted": "amount_sat:n txid:h vout:n",
    "treasury.received": "amount_sat:n txid:h vout:n height:n branch:n address_index:n", "treasury.reverted": "amount_sat:n txid:h vout:n",
    "treasury.coin_lost": "amount_sat:n txid:h vout:n input_txid:h input_vout:n by:h height:n",
    "treasury.spent_external": "spent_sat:n returned_sat:n txid:h height:n inputs:c reason:t signed_in:n", "treasury.spent_reverted": "spent_sat:n returned_sat:n txid:h",
    "round.withdrawn": "round:n revision:n", "round.cancelled": "round:n revision:n reason:t", "round.frozen": "round:n revision:n scores:s operators:n",
    "score.frozen": "round:n revision:n token:t weight:n evidence:s?", "grant.allocated": "round:n revision:n token:t amount_sat:n",
    "round.allocated": "round:n revision:n manifest:s allocation:s recipients:n shares_sat:n credits_used_sat:n credited_sat:n paid_sat:n carry_sat:n",
    "operator.held": "round:n revision:n token:t reason:t", "operator.excluded": "round:n revision:n token:t reason:t", "operator.cleared": "round:n revision:n token:t reason:t",
    "objection.raised": "round:n revision:n token:t", "objection.decided": "round:n revision:n token:t decision:t admins:n",
    "recusal": "round:n revision:n signer:t reason:t", "approval": "round:n revision:n manifest:s signer:t kind:t signature:t?",
    "round.approved": "round:n revision:n manifest:s sshsig:n signed_in:n", "carry.recorded": "round:n revision:n amount_sat:n reason:t",
    "credit.added": "round:n revision:n amount_sat:n operators:n", "credit.paid": "round:n revision:n amount_sat:n operators:n", "credit.expired": "amount_sat:n operators:n",
    "round.closed": "round:n revision:n paid_sat:n fee_sat:n", "key.added": "role:t key:t fingerprint:t signed_in:n?", "key.revoked": "role:t fingerprint:t signed_in:n?",
    "move.proposed": "move:n kind:t manifest:s policy:s treasury:s target:s costs:l paid_sat:n batches:n max_fee_sat:n max_feerate_sat_vb:n", "move.approval": "move:n manifest:s signer:t kind:t signature:t?",
    "move.approved": "move:n manifest:s sshsig:n signed_in:n", "move.withdrawn": "move:n", "move.closed": "move:n paid_sat:n fee_sat:n",
    "psbt.created": "round:n? move:n? batch:n version:n txid:h checkpoint_size:n psbt:s inputs:c inputs_sat:n paid_sat:n fee_sat:n recipients:n",
    "tx.broadcast": "round:n? move:n? batch:n version:n txid:h", "tx.replaced": "round:n? move:n? batch:n version:n txid:h replaced:h",
    "tx.confirmed": "round:n? move:n? batch:n version:n txid:h height:n block:h paid_sat:n fee_sat:n", "tx.unconfirmed": "round:n? move:n? batch:n version:n txid:h paid_sat:n fee_sat:n",
}
SHAPES["round.opened"] = "round:n revision:n policy:s starts:t ends:t budget_sat:n cap_ppm:n cap_fair_shares:n? floor_sat:n step_sat:n max_fee_sat:n max_feerate_sat_vb:n"
SHAPES["round.revised"] = SHAPES["round.opened"] + " scores:s"
DAY_ONLY = {"registry.snapshot", "schedule.committed", "schedule.revealed", "donation.confirmed", "donation.reverted", "treasury.received", "treasury.reverted", "treasury.coin_lost"}
texts = lambda v, pattern: isinstance(v, list) and all(isinstance(x, str) and re.fullmatch(pattern, x) for x in v)
KINDS = {
    "n": lambda v: type(v) is int and v >= 0, "t": lambda v: isinstance(v, str), "h": lambda v: texts([v], "[0-9a-f]{64}"), "s": lambda v: texts([v], "sha256:[0-9a-f]{64}"),
    "c": lambda v: texts(v, "[0-9a-f]{64}:(0|[1-9][0-9]{0,9})"), "l": lambda v: texts(v, ".*"),
}
def shaped(e):
    members = dict(m.split(":") for m in SHAPES[e["type"]].split())
    for name, kind in members.items(): need(name in e and KINDS[kind[0]](e[name]) or (name not in e and kind[1:] == "?"), "the member %s is missing or of another kind" % name)
    need(set(e) <= set(members) | {"v", "type", "time"}, "a member that this type does not have")

# ---- the division of a budget: pro rata, capped, largest remainder; (shares, carry by reason) ----
def divide(number, budget, cap_ppm, weights):
    total = sum(weights.values())
    if not total: return {}, {"empty": budget}
    cap, over, shares, rest = budget * cap_ppm // 1000000, 0, {}, {}
    for token, w in weights.items():
        shares[token], r = divmod(w * budget, total)
        if w * budget >= cap * total: over += w * budget - cap * total; shares[token] = cap
        elif shares[token]: rest[token] = r
    for token in sorted(rest, key=lambda t: (-rest[t], sha(b"%d|%s" % (number, t.encode()))))[:sum(rest.values()) // total]: shares[token] += 1
    return shares, {"cap": over // total, "rounding": budget - sum(shares.values()) - over // total}

TERMS = ("policy", "starts", "ends", "budget_sat", "cap_ppm", "cap_fair_shares", "floor_sat", "step_sat", "max_fee_sat", "max_feerate_sat_vb")

class Books:
    def __init__(self, origin):
        self.origin, self.received, self.paid, self.fees, self.unknown = origin, 0, 0, 0, 0
        self.coins, self.outside, self.lost, self.batches, self.spent, self.rounds, self.keys, self.expired = {}, {}, set(), {}, {}, {}, {}, 0
        self.moves, self.treasuries, self.texts, self.holders, self.rehearsed = {}, [], {}, {}, set()
    def credits(self): return sum(r["added"] - r["used"] for r in self.rounds.values()) - self.expired
    def entry(self, i, e):
        need(e.get("v") == 1 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(e.get("time"))), "not an entry of version 1")
        t = e.get("type"); need((t == "log.created") == (i == 0), "the first entry, and only the first, begins the log")
        if t not in SHAPES: need(isinstance(t, str), "no type"); self.unknown += 1; return
        need(t not in DAY_ONLY or e["time"].endswith("T00:00:00Z"), "this type of entry tells the day only, never the hour"); shaped(e); getattr(self, "on_" + t.replace(".", "_"), lambda i, e: None)(i, e)
    def on_log_created(self, i, e): need(e["origin"] == self.origin, "the first entry names another log")
    # coins
    def on_donation_confirmed(self, i, e):
        coin = (e["txid"], e["vout"]); need(coin not in self.coins and e["amount_sat"] > 0, "a coin is booked twice"); self.lost.discard("%s:%d" % coin)
        self.coins[coin] = (e["type"].split(".")[0], e["amount_sat"]); self.received += e["amount_sat"]; need(self.received <= 21 * 10**14, "more than there is")
    def on_donation_reverted(self, i, e):
        need(self.coins.pop((e["txid"], e["vout"]), None) == (e["type"].split(".")[0], e["amount_sat"]), "this coin was not booked like this")
        self.received -= e["amount_sat"]
    on_treasury_received, on_treasury_reverted = on_donation_confirmed, on_donation_reverted
    def on_treasury_coin_lost(self, i, e):
        need((e["txid"], e["vout"]) not in self.coins, "a coin is lost that is booked"); coin = "%s:%d" % (e["txid"], e["vout"])
        need(e["by"] != e["txid"] and coin not in self.lost, "a coin is lost twice, or to itself"); self.lost.add(coin)
    def on_treasury_spent_external(self, i, e):
        need(e["spent_sat"] > 0 and len(set(e["inputs"])) == len(e["inputs"]) > 0, "an outside transaction spends nothing, or a coin twice")
        need(not any(set(e["inputs"]) & set(coins) for _, _, coins in self.outside.values()), "a coin is spent outside twice")
        need(e["signed_in"] > 0, "nobody vouches for an outside transaction"); need(e["txid"] not in self.outside, "an outside transaction is booked twice")
        self.outside[e["txid"]] = (e["spent_sat"], e["returned_sat"], e["inputs"]); self.received += e["returned_sat"] - e["spent_sat"]; need(self.received <= 21 * 10**14, "more than there is")
    def on_treasury_spent_reverted(self, i, e):
        need(self.outside.pop(e["txid"], (None, None))[:2] == (e["spent_sat"], e["returned_sat"]), "this transaction was not booked like this")
        self.received += e["spent_sat"] - e["returned_sat"]; need(self.received <= 21 * 10**14, "more than there is")
    # rounds: only the newest revision counts
    def round(self, e, *states):
        r = self.rounds.get(e["round"]); need(r and r["revision"] == e["revision"] and r["state"] in states, "the round is not at this step")
        return r
    def terms(self, e): need(e["cap_ppm"] <= 10**6 and e.get("cap_fair_shares", 0) <= 10**6 and e["step_sat"] > 0, "impossible terms"); return {k: e.get(k, 0) for k in TERMS}
    def cap(self, t, n):                               # the round's own, or so many equal shares of the budget where that is more
        return max(t["cap_ppm"], min(10**6, t["cap_fair_shares"] * 10**6 // n)) if n else t["cap_ppm"]
    def on_round_opened(self, i, e):
        old = self.rounds.get(e["round"]); need(e["revision"] >= 1 and (not old or (old["state"] == "withdrawn" and e["revision"] >= old["revision"])), "the round was open already")
        self.rounds[e["round"]] = {"state": "open", "revision": e["revision"], "terms": self.terms(e), "scores": {}}; self.void(self.rounds[e["round"]])
    def void(self, r): r.update(grants={}, said=None, recused=set(), signers={}, added=0, used=0, carried={}, paid=0, fees=0, approved=None)
    def on_round_revised(self, i, e):
        r = self.rounds.get(e["round"]); need(r and r["state"] in ("frozen", "allocated", "approved") and not self.built(e["round"]) and e["revision"] > r["revision"] and e["scores"] == r["hash"], "the round cannot be revised now")
        self.void(r); r.update(state="frozen", revision=e["revision"], terms=self.terms(e)); need(self.credits() >= 0, "more credit is gone than there was")
    def on_round_withdrawn(self, i, e):
        r = self.rounds.get(e["round"]); need(r and r["state"] in ("open", "frozen", "allocated", "approved") and not self.built(e["round"]), "the round cannot be withdrawn now")
        self.void(r); r.update(state="withdrawn", revision=e["revision"], scores={}); need(self.credits() >= 0, "more credit is gone than there was")
    def on_round_cancelled(self, i, e):
        r = self.rounds.get(e["round"])
        if not r: return                               # a draft, of which the log had said nothing
        need(r["state"] in ("open", "frozen", "allocated", "approved", "withdrawn") and not self.built(e["round"]), "the round cannot be cancelled now")
        self.void(r); r.update(state="cancelled"); need(self.credits() >= 0, "more credit is gone than there was")
    def gone(self): return {coin for _, _, coins in self.outside.values() for coin in coins} | self.lost
    def built(self, number, of="round"): gone = self.gone(); return any(not gone & set(m["inputs"]) for key, made in self.batches.items() if key[:2] == (of, number) for m in made)
    def on_round_frozen(self, i, e):
        r = self.round(e, "open"); r.update(state="frozen", hash=e["scores"], operators=e["operators"], decided={}, objections={})
        if not e["operators"]: self.whole(r["scores"], "token,weight", 0, e["scores"])
    def whole(self, rows, header, count, hashed):      # a file of the round, made again from the entries, has the hash that was announced
        if len(rows) == count: need("sha256:" + hashlib.sha256("".join([header + "\n"] + ["%s,%d\n" % x for x in rows.items()]).encode()).hexdigest() == hashed, "the rows are not those that were announced")
    def row(self, rows, token, value, count):
        need(value > 0 and len(rows) < count and (not rows or token > next(reversed(rows))), "a row is out of order or too many"); rows[token] = value
    def on_score_frozen(self, i, e):
        r = self.round(e, "frozen"); self.row(r["scores"], e["token"], e["weight"], r["operators"]); self.whole(r["scores"], "token,weight", r["operators"], r["hash"])
    # whom reviewers hold (all is credited) or exclude (the weight does not count), and who objected; kept by revisions, gone with the scores
    def on_operator_held(self, i, e):
        r, now = self.round(e, "frozen"), (e["type"], e["reason"]); need(r["decided"].get(e["token"]) != now, "it was decided so already")
        need(r["objections"].get(e["token"]) in (None, "dismissed"), "this operator's objection is open, or was upheld"); r["decided"][e["token"]] = now
    on_operator_excluded = on_operator_held
    def on_operator_cleared(self, i, e):
        r = self.round(e, "frozen"); need(r["decided"].pop(e["token"], None), "this operator was neither held nor excluded"); said = r["objections"].get(e["token"])
        need(said != "open" and (said == "upheld") == (e["reason"] == "objection_upheld"), "this operator's objection was not upheld, or is open")
    def on_objection_raised(self, i, e):
        r = self.round(e, "allocated"); need(e["token"] in r["decided"] and e["token"] not in r["objections"], "there is nothing to object to, or it is a second objection"); r["objections"][e["token"]] = "open"
    def on_objection_decided(self, i, e):
        r = self.round(e, "frozen", "allocated"); need(r["objections"].get(e["token"]) == "open" and e["decision"] in ("upheld", "dismissed") and e["admins"] > 0, "no such objection is open, or nobody decided it")
        r["objections"][e["token"]] = e["decision"]
    def on_round_allocated(self, i, e):
        r, s = self.round(e, "frozen"), lambda name: e[name + "_sat"]; need(len(r["scores"]) == r["operators"], "scores are missing")
        need(not any(said == "upheld" and token in r["decided"] for token, said in r["objections"].items()), "an upheld objection did not free its operator")
        held, out = ({t for t, (decision, _) in r["decided"].items() if decision == "operator." + how} for how in ("held", "excluded"))
        counted = {t: w for t, w in r["scores"].items() if t not in out}
        r["shares"], r["carry"] = divide(e["round"], r["terms"]["budget_sat"], self.cap(r["terms"], len(counted)), counted)
        need(s("credited") >= sum(r["shares"].get(t, 0) for t in held), "not all of what is held is credited")
        need(sum(r["shares"].values()) == s("shares") and sum(r["carry"].values()) == s("carry"), "the budget was not divided by its rule")
        need(s("shares") + s("credits_used") == s("paid") + s("credited") and min(s("credits_used"), s("paid"), s("credited")) >= 0, "shares and credits do not add up")
        need(s("credits_used") <= self.credits(), "more credit is used than there is"); r.update(state="allocated", said=e)
        self.amounts(r)
    def amounts(self, r):
        if len(r["grants"]) == r["said"]["recipients"]: need(sum(r["grants"].values()) == r["said"]["paid_sat"], "the grants do not add up")
        self.whole(r["grants"], "token,amount_sat", r["said"]["recipients"], r["said"]["allocation"])
    def on_grant_allocated(self, i, e):
        r = self.round(e, "allocated"); terms, amount = r["terms"], e["amount_sat"]; self.row(r["grants"], e["token"], amount, r["said"]["recipients"])
        need(e["token"] not in r["decided"], "somebody who is held or excluded is to be paid")
        need(amount >= terms["floor_sat"] and amount % terms["step_sat"] == 0 and amount <= r["shares"].get(e["token"], 0) + r["said"]["credits_used_sat"], "the amount breaks the round's terms")
        self.amounts(r)
    def on_recusal(self, i, e): self.round(e, "allocated")["recused"].add(e["signer"])
    def on_key_added(self, i, e): need(e["fingerprint"] not in self.keys, "a key is enrolled twice"); self.keys[e["fingerprint"]] = True
    def on_key_revoked(self, i, e): need(self.keys.get(e["fingerprint"]), "no such key"); self.keys[e["fingerprint"]] = False
    def on_approval(self, i, e):
        r = self.round(e, "allocated"); need(e["manifest"] == r["said"]["manifest"] and e["signer"] not in r["signers"], "not an approval of this manifest, or a second one")
        need(e["kind"] == "signed_in" or (e["kind"] == "sshsig" and "signature" in e and self.keys.get(e["signer"])), "the key was not enrolled"); r["signers"][e["signer"]] = (e["kind"], i)
    def on_round_approved(self, i, e):
        r = self.round(e, "allocated"); need(len(r["grants"]) == r["said"]["recipients"] and e["manifest"] == r["said"]["manifest"] and "open" not in r["objections"].values(), "the round was not ready to be approved")
        good = [k for s, (k, _) in r["signers"].items() if s not in r["recused"] and (k == "signed_in" or self.keys.get(s))]
        need(e["sshsig"] <= good.count("sshsig") and e["signed_in"] <= good.count("signed_in") and e["sshsig"] + e["signed_in"] > 0, "more approvals are counted than were given")
        r.update(state="approved", approved=max(at for _, at in r["signers"].values()))
    def on_carry_recorded(self, i, e):
        r = self.round(e, "approved"); need(e["reason"] not in r["carried"] and r["carry"].get(e["reason"]) == e["amount_sat"], "the carry is not what the rule leaves"); r["carried"][e["reason"]] = 1
    def on_credit_added(self, i, e):
        r = self.round(e, "approved"); need(not r["added"] and e["amount_sat"] == r["said"]["credited_sat"], "the credit is not what the round left"); r["added"] = e["amount_sat"]
    def on_credit_paid(self, i, e):
        r = self.round(e, "approved"); need(not r["used"] and e["amount_sat"] == r["said"]["credits_used_sat"], "the credit is not what the round uses"); r["used"] = e["amount_sat"]
        need(self.credits() >= 0, "more credit is paid than there is")
    def on_credit_expired(self, i, e): self.expired += e["amount_sat"]; need(e["amount_sat"] > 0 and self.credits() >= 0, "more credit expires than there is")
    # moves of the treasury's money beside rounds, and which descriptor follows which
    def move(self, e, *states): m = self.moves.get(e["move"]); need(m and m["state"] in states, "the move is not at this step"); return m
    def on_treasury_rotated(self, i, e):
        if "descriptor" in e: need("sha256:" + hashlib.sha256(e["descriptor"].encode()).hexdigest() == e["descriptor_hash"], "the descriptor does not have the hash beside it")
        now = self.treasuries[-1:]
        need(not now or any(m["state"] == "approved" and m["kind"] == "rotation" and [m["treasury"]] == now and m["target"] == e["descriptor_hash"] for m in self.moves.values()), "nobody approved this treasury")
        self.treasuries.append(e["descriptor_hash"]); self.texts[e["descriptor_hash"]] = e.get("descriptor")
    # who holds its keys, by fingerprint; told = (how many must sign, all of them) where the descriptor itself says so
    def prints(self, e): p = e["fingerprints"]; need(p and all(re.fullmatch("[0-9a-f]{8}", f) for f in p) and len(set(p)) == len(p), "not the fingerprints of different keys"); return p
    def told(self, text):
        origins, k = re.findall(r"\[([0-9a-f]{8})[/\]]", text or ""), re.search(r"multi\(([0-9]{1,2}),", text or "")
        return (int(k[1]) if k else 1, origins) if text is not None and len(origins) == text.count("/<0;1>/*") else None
    def on_treasury_confirmed(self, i, e):
        h, k, p = e["descriptor_hash"], e["threshold"], self.prints(e); need(self.treasuries[-1:] == [h], "a treasury is confirmed that is not in force"); need(1 <= k <= len(p), "a treasury is confirmed by fewer than must sign")
        need(self.told(self.texts[h]) in (None, (k, p)), "the treasury was confirmed by others than its keys' holders"); need(h not in self.holders, "a treasury is confirmed twice"); self.holders[h] = (k, p)
    def on_treasury_rehearsed(self, i, e):
        p, m = self.prints(e), self.moves.get(e["move"]); need(m and m["state"] == "closed" and m["kind"] == "rehearsal" and m["target"] == e["descriptor_hash"] and e["move"] not in self.rehearsed, "there was no such rehearsal, or it is told twice")
        self.rehearsed.add(e["move"]); x = [v for key, made in self.batches.items() if key[:2] == ("move", e["move"]) for v in made if v.get("in")]
        need(x and (x[0]["txid"], x[0]["fee_sat"], x[0]["inputs_sat"] - x[0]["fee_sat"]) == (e["txid"], e["fee_sat"], e["amount_sat"]), "the rehearsal was another payment")
        known = self.holders.get(e["descriptor_hash"]) or self.told(self.texts[e["descriptor_hash"]])
        need(not known or (len(p) == known[0] and set(p) <= set(known[1])), "the rehearsal was signed by others than its keys' holders, or by another number of them")
    def on_move_proposed(self, i, e):
        kind, costs = e["kind"], [re.fullmatch("[a-z_]+=([1-9][0-9]{0,15})", c) for c in e["costs"]]
        need(kind in ("consolidation", "running_costs", "rotation", "rehearsal") and [e["treasury"]] == self.treasuries[-1:], "a move of another kind, or of another treasury")
        need(e["target"] not in self.treasuries if kind == "rotation" else e["target"] == e["treasury"], "the money would go somewhere else")
        need(all(costs), "a cost is not a purpose and an amount"); need((costs and e["batches"] == 1) if kind == "running_costs" else (not costs and e["batches"] >= 1), "only running costs pay others, and in one transaction")
        need(kind != "rehearsal" or e["batches"] == 1, "a rehearsal is one transaction"); need(sum(int(c[1]) for c in costs) == e["paid_sat"], "the costs do not add up"); need(e["move"] not in self.moves, "a move is proposed twice")
        self.moves[e["move"]] = dict(e, state="proposed", signers={}, approved=None, paid=0, fees=0)
    def on_move_approval(self, i, e):
        m = self.move(e, "proposed"); need(e["manifest"] == m["manifest"] and e["signer"] not in m["signers"], "not an approval of this manifest, or a second one")
        need(e["kind"] == "signed_in" or (e["kind"] == "sshsig" and "signature" in e and self.keys.get(e["signer"])), "the key was not enrolled"); m["signers"][e["signer"]] = (e["kind"], i)
    def on_move_approved(self, i, e):
        m = self.move(e, "proposed"); need(e["manifest"] == m["manifest"] and [m["treasury"]] == self.treasuries[-1:], "the move was not ready to be approved")
        free = m["kind"] == "rehearsal"                # it can only bring a coin of the treasury back to it: nobody approves it
        good = [k for s, (k, _) in m["signers"].items() if k == "signed_in" or self.keys.get(s)]
        need(e["sshsig"] <= good.count("sshsig") and e["signed_in"] <= good.count("signed_in") and free == (e["sshsig"] + e["signed_in"] == 0), "more approvals are counted than were given")
        m.update(state="approved", approved=i if free else max(at for _, at in m["signers"].values()))
    def on_move_withdrawn(self, i, e): m = self.move(e, "proposed", "approved"); need(not self.built(e["move"], "move"), "the move cannot be withdrawn now"); m["state"] = "withdrawn"
    def on_move_closed(self, i, e):
        m = self.move(e, "approved"); made = [v for key, v in self.batches.items() if key[:2] == ("move", e["move"])]; need(made and all(any(x.get("in") for x in v) for v in made), "a transaction is not in the chain")
        need(e["paid_sat"] == m["paid"] == m["paid_sat"] and e["fee_sat"] == m["fees"], "the move did not pay what it says"); m["state"] = "closed"
    # payments, of a round or of a move
    def key(self, e): need(("round" in e) != ("move" in e), "a payment is of a round or of a move"); of = "move" if "move" in e else "round"; return of, e[of], e["batch"]
    def on_psbt_created(self, i, e):
        key = self.key(e); of, r = key[0], (self.moves if key[0] == "move" else self.rounds).get(key[1]); need(r and r["state"] == "approved", "a payment of a %s that is not approved" % of)
        need(r["approved"] < e["checkpoint_size"] <= i, "the payment does not commit to a checkpoint that holds its approvals")
        if of == "move":
            need(r["target"] in self.treasuries and 1 <= e["batch"] <= r["batches"], "more transactions than were approved, or to a treasury that is not in force")
            need(e["paid_sat"] == r["paid_sat"] and e["recipients"] == len(r["costs"]), "the payment is not what was approved")
        made = self.batches.setdefault(key, []); need(e["version"] == len(made) + 1, "a version of the payment is missing")
        need(not made or (made[0]["paid_sat"], made[0]["recipients"]) == (e["paid_sat"], e["recipients"]), "a replacement pays something else")
        need(e["inputs_sat"] >= e["paid_sat"] + e["fee_sat"] + (not e["paid_sat"]) and (e["paid_sat"] > 0 or of == "move") and len(set(e["inputs"])) == len(e["inputs"]) > 0, "the payment does not add up")
        gone = self.gone() | set(e["inputs"])
        need(all(gone & set(m["inputs"]) for m in made), "a replacement could be mined beside what it replaces"); made.append(e)
    def order(self, e): return self.moves[e["move"]] if "move" in e else self.rounds[e["round"]]
    def payment(self, e):
        made = self.batches.get(self.key(e), []); need(1 <= e["version"] <= len(made) and made[e["version"] - 1]["txid"] == e["txid"], "no such payment was built")
        return made[e["version"] - 1], made
    def on_tx_broadcast(self, i, e): self.payment(e)
    def on_tx_replaced(self, i, e): _, made = self.payment(e); need(any(m["txid"] == e["replaced"] for m in made[:e["version"] - 1]), "no such payment was replaced")
    def on_tx_confirmed(self, i, e):
        m, made = self.payment(e); need((m["paid_sat"], m["fee_sat"]) == (e["paid_sat"], e["fee_sat"]) and not any(x.get("in") for x in made), "a payment is booked twice, or otherwise than it was built")
        for coin in m["inputs"]: need(coin not in self.spent, "a coin is spent twice"); self.spent[coin] = m["txid"]
        r = self.order(e); m["in"] = True; r["paid"] += m["paid_sat"]; r["fees"] += m["fee_sat"]; self.paid += m["paid_sat"]; self.fees += m["fee_sat"]
        if "move" in e: need(r["paid"] <= r["paid_sat"] and r["fees"] <= r["max_fee_sat"], "the move paid more than was approved")
        else: need(r["said"] and r["paid"] <= r["said"]["paid_sat"] and r["fees"] <= r["terms"]["max_fee_sat"], "the round paid more than was approved")
    def on_tx_unconfirmed(self, i, e):
        m, _ = self.payment(e); need(m.get("in") and (m["paid_sat"], m["fee_sat"]) == (e["paid_sat"], e["fee_sat"]), "this payment was not booked like this")
        for coin in m["inputs"]: del self.spent[coin]
        r = self.order(e); m["in"] = False; r["paid"] -= m["paid_sat"]; r["fees"] -= m["fee_sat"]; self.paid -= m["paid_sat"]; self.fees -= m["fee_sat"]
    def on_round_closed(self, i, e):
        r = self.round(e, "approved"); need(e["paid_sat"] == r["paid"] == r["said"]["paid_sat"] and e["fee_sat"] == r["fees"], "the round did not pay what it says"); r["state"] = "closed"

def verify(origin, entries):
    books = Books(origin)
    for i, raw in enumerate(entries):
        try: books.entry(i, parse(raw))
        except Bad as bad: raise Bad("entry %d: %s" % (i, bad))
    return books

if __name__ == "__main__":
    try: folder, vkeys, old = arguments(__doc__); origin, entries = read_log(folder, vkeys, old); b = verify(origin, entries)
    except Bad as bad: print("FAILED:", bad); sys.exit(1)
    for number, r in sorted(b.rounds.items()): print("round %d: %s, paid %d sat, fees %d sat" % (number, r["state"], r["paid"], r["fees"]))
    for number, m in sorted(b.moves.items()): print("move %d: %s, %s, paid %d sat, fees %d sat" % (number, m["kind"], m["state"], m["paid"], m["fees"]))
    if any(m["paid"] for m in b.moves.values()): print("of what was paid, %d sat were running costs" % sum(m["paid"] for m in b.moves.values()))
    print("received %d sat, paid %d sat, fees %d sat, credit owed %d sat" % (b.received, b.paid, b.fees, b.credits()))
    if b.unknown: print("%d entries are of types that this program does not know" % b.unknown)
    print("%s %s: %d entries, balance %d sat" % ("PARTIAL" if b.unknown else "OK", origin, len(entries), b.received - b.paid - b.fees))
    sys.exit(2 if b.unknown else 0)
