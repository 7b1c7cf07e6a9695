"""Writes the wallet files of a treasury with Electrum's own key code, and says which descriptor they belong to.

wallets.py <folder> <required> <seed hex> [<seed hex> ...]

One seed makes wpkh (BIP 84), several make wsh(sortedmulti) (BIP 48, script type 2). For each seed the folder gets
`signer<n>`, which holds that one private key and the others' public ones, and there is one `watch` without any. `strayed<n>` has the keys of the
same seeds at the path of another account: what somebody has who set the wallet up wrongly.
"""
import json
import pathlib
import sys

from electrum import constants
from electrum.bip32 import BIP32Node

constants.set_regtest()
folder, required, seeds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), [bytes.fromhex(s) for s in sys.argv[3:]]
single = len(seeds) == 1
script_type, path = ("p2wpkh", "84h/1h/0h") if single else ("p2wsh", "48h/1h/0h/2h")
roots = [BIP32Node.from_rootseed(seed, xtype=script_type) for seed in seeds]
accounts = [root.subkey_at_private_derivation("m/" + path) for root in roots]
fingerprints = [root.calc_fingerprint_of_this_node().hex() for root in roots]


def keystore(index: int, private: bool) -> dict:
    return {
        "type": "bip32", "pw_hash_version": 1, "derivation": "m/" + path.replace("h", "'"), "root_fingerprint": fingerprints[index],
        "xpub": accounts[index].to_xpub(), "xprv": accounts[index].to_xprv() if private else None,
    }


def write(name: str, signer, keystore=keystore) -> None:
    wallet = {"seed_version": 50, "use_encryption": False}
    if single:
        wallet |= {"wallet_type": "standard", "keystore": keystore(0, signer == 0)}
    else:
        wallet |= {"wallet_type": f"{required}of{len(seeds)}"} | {f"x{i + 1}/": keystore(i, signer == i) for i in range(len(seeds))}
    (folder / name).write_text(json.dumps(wallet))


write("watch", None)
for number in range(len(seeds)):
    write(f"signer{number}", number)

other = path.replace("1h/0h", "1h/1h")
strayed = [root.subkey_at_private_derivation("m/" + other) for root in roots]
for number in range(len(seeds)):
    write(f"strayed{number}", number, lambda index, private: keystore(index, private) | {
        "derivation": "m/" + other.replace("h", "'"), "xpub": strayed[index].to_xpub(), "xprv": strayed[index].to_xprv() if private else None})


def key(index: int) -> str:
    # A descriptor has the plain tpub; the script type that Electrum puts into the prefix is said by the descriptor itself.
    return f"[{fingerprints[index]}/{path}]{accounts[index]._replace(xtype='standard').to_xpub()}/<0;1>/*"


keys = ",".join(key(i) for i in range(len(seeds)))
print(f"wpkh({keys})" if single else f"wsh(sortedmulti({required},{keys}))")
