"""Electrum's bitcoin code, asked by the tests as the libraries of ../bitcoin/wallets.mjs are: an array of jobs as JSON from standard
input, the array of answers to standard output. Electrum 4.3 knows no taproot."""
import base64
import io
import json
import sys
import traceback

from electrum import bitcoin, constants
from electrum.bip32 import BIP32Node
from electrum.transaction import PartialTransaction, Transaction, multisig_script

constants.set_regtest()
TYPES = {"wpkh": "p2wpkh", "wsh": "p2wsh", "sh-wsh": "p2wsh-p2sh", "sh-wpkh": "p2wpkh-p2sh", "pkh": "p2pkh", "sh": "p2sh"}


def read(psbt: str, kind: str, required: int) -> PartialTransaction:
    """Electrum keeps type, keys and threshold in its wallet file; here the job says them."""
    tx = PartialTransaction.from_raw_psbt(psbt)
    for txin in tx.inputs():
        txin.script_type, txin.num_sig = TYPES[kind], required
        txin.pubkeys = sorted(txin.bip32_paths)
    return tx


def address(job) -> str:
    keys = [BIP32Node.from_xkey(x).subkey_at_public_derivation([0, job["index"]]).eckey.get_public_key_hex() for x in job["xpubs"]]
    kind = TYPES[job["kind"]]
    if kind in ("p2wpkh", "p2pkh", "p2wpkh-p2sh"):
        return bitcoin.pubkey_to_address(kind, keys[0])
    return bitcoin.redeem_script_to_address(kind, multisig_script(sorted(keys), job["required"]))


def sign(job) -> list:
    signed = []
    for root in (BIP32Node.from_rootseed(bytes.fromhex(seed), xtype="standard") for seed in job["seeds"]):
        tx = read(job["psbt"], job["kind"], job["required"])
        pairs = {}
        for txin in tx.inputs():
            for pubkey, (fingerprint, path) in txin.bip32_paths.items():
                if fingerprint == root.calc_fingerprint_of_this_node():
                    pairs[pubkey.hex()] = (root.subkey_at_private_derivation(path).eckey.get_secret_bytes(), True)
        tx.sign(pairs)
        # Not serialize_as_bytes: that finishes what it can, and the tests want the signature itself.
        with io.BytesIO() as psbt:
            tx._serialize_psbt(psbt)
            signed.append(base64.b64encode(psbt.getvalue()).decode())
    return signed


def finish(job) -> dict:
    tx, *others = [read(psbt, job["kind"], job["required"]) for psbt in job["psbts"]]
    for other in others:
        tx.combine_with_other_psbt(other)
    tx.finalize_psbt()
    final = Transaction(tx.serialize_to_network())
    return {"hex": final.serialize(), "txid": final.txid(), "vsize": final.estimated_size()}


def answer(job) -> dict:
    try:
        return {"ok": {"address": address, "sign": sign, "finish": finish}[job["do"]](job)}
    except Exception:
        return {"error": f"{job['do']} electrum: {traceback.format_exc()}"}


print(json.dumps([answer(job) for job in json.load(sys.stdin)]))
