"""Lets Electrum make and save wallets as its wizard does, each in a file of its own, and says whose keys they hold and which addresses it shows.

saved.py <folder> <required> <seed hex> <seed hex> ...

`watch` has the keys of all with their origins, `bare` without; `cosigner` can sign with the first one; `seed` is a wallet of twelve words
and `imported` one of a single private key.
"""
import json
import pathlib
import sys

from electrum import bitcoin, constants, keystore
from electrum.bip32 import BIP32Node
from electrum.simple_config import SimpleConfig
from electrum.storage import WalletStorage
from electrum.util import create_and_start_event_loop
from electrum.wallet import Wallet, restore_wallet_from_text
from electrum.wallet_db import WalletDB

constants.set_regtest()
folder, required, seeds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), [bytes.fromhex(s) for s in sys.argv[3:]]
config = SimpleConfig({"electrum_path": str(folder / "home"), "regtest": True, "offline": True})
signing = [keystore.from_bip43_rootseed(seed, "m/48'/1'/0'/2'", xtype="p2wsh") for seed in seeds]


def watching(signer, origin: bool):
    store = keystore.from_master_key(signer.xpub)
    if origin:
        store.add_key_origin(derivation_prefix=signer.get_derivation_prefix(), root_fingerprint=signer.get_root_fingerprint())
    return store


def save(name: str, stores):
    db = WalletDB("", manual_upgrades=False)
    db.put("wallet_type", f"{required}of{len(stores)}")
    for number, store in enumerate(stores, start=1):
        db.put(f"x{number}/", store.dump())
    wallet = Wallet(db, WalletStorage(str(folder / name)), config=config)
    wallet.synchronize()
    wallet.save_db()
    return wallet


def restore(name: str, text: str) -> None:
    restore_wallet_from_text(text, path=str(folder / name), config=config, encrypt_file=False)


# Electrum's wallets report what they do to a loop of events, where nobody listens here.
loop, stop, thread = create_and_start_event_loop()
watch = save("watch", [watching(s, True) for s in signing])
save("bare", [watching(s, False) for s in signing])
save("cosigner", signing[:1] + [watching(s, True) for s in signing[1:]])
restore("seed", "wild father tree among universe such mobile favorite target dynamic credit identify")
restore("imported", bitcoin.serialize_privkey(seeds[0][:32], True, "p2wpkh"))
print(json.dumps({
    "keys": [f"[{s.get_root_fingerprint()}/48h/1h/0h/2h]{BIP32Node.from_xkey(s.xpub)._replace(xtype='standard').to_xpub()}" for s in signing],
    "receive": watch.get_receiving_addresses(),
    "change": watch.get_change_addresses(),
}))
loop.call_soon_threadsafe(stop.set_result, 1)
thread.join()
