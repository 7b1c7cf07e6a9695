// Other people's bitcoin code, asked by the tests: reads an array of jobs as JSON from standard input, writes the array of answers.
import { readFileSync } from 'node:fs';
import * as scure from '@scure/btc-signer';
import { HDKey } from '@scure/bip32';
import * as bitcoinjs from 'bitcoinjs-lib';
import * as ecc from '@bitcoinerlab/secp256k1';
import { BIP32Factory } from 'bip32';
import descriptors from '@bitcoinerlab/descriptors';

bitcoinjs.initEccLib(ecc);
const { Output } = descriptors.DescriptorsFactory(ecc);
const bip32 = BIP32Factory(ecc);
const regtest = bitcoinjs.networks.regtest;
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const base64 = (data) => Buffer.from(data).toString('base64');
const steps = (path) => path.split('/').map((s) => (s.endsWith("'") ? parseInt(s, 10) + 0x80000000 : parseInt(s, 10)));
const master = (fingerprint) => bytes(fingerprint);

const scureOptions = { allowUnknownOutputs: true, disableScriptCheck: true };
const libraries = {
  scure: {
    sign(psbt, seed) {
      const transaction = scure.Transaction.fromPSBT(Buffer.from(psbt, 'base64'), scureOptions);
      transaction.sign(HDKey.fromMasterSeed(bytes(seed)));
      return base64(transaction.toPSBT(0));
    },
    finish(psbts) {
      const [transaction, ...others] = psbts.map((p) => scure.Transaction.fromPSBT(Buffer.from(p, 'base64'), scureOptions));
      for (const other of others) transaction.combine(other);
      transaction.finalize();
      return { hex: transaction.hex, txid: transaction.id, vsize: transaction.vsize };
    },
    create({ inputs, outputs }) {
      const transaction = new scure.Transaction({ ...scureOptions, version: 2 });
      for (const i of inputs) {
        const origin = (k) => ({ fingerprint: parseInt(k.fingerprint, 16), path: steps(k.path) });
        transaction.addInput({
          txid: i.txid, index: i.vout, sequence: i.sequence, nonWitnessUtxo: bytes(i.previous), witnessUtxo: { script: bytes(i.script), amount: BigInt(i.amount) },
          ...(i.redeemScript && { redeemScript: bytes(i.redeemScript) }), ...(i.witnessScript && { witnessScript: bytes(i.witnessScript) }),
          ...(i.taproot
            ? { tapInternalKey: bytes(i.keys[0].key).slice(1), tapBip32Derivation: i.keys.map((k) => [bytes(k.key).slice(1), { hashes: [], der: origin(k) }]) }
            : { bip32Derivation: i.keys.map((k) => [bytes(k.key), origin(k)]) }),
        });
      }
      for (const o of outputs) transaction.addOutput({ script: bytes(o.script), amount: BigInt(o.amount) });
      return base64(transaction.toPSBT(0));
    },
  },
  bitcoinjs: {
    sign(psbt, seed) {
      const transaction = bitcoinjs.Psbt.fromBase64(psbt, { network: regtest });
      const root = bip32.fromSeed(bytes(seed));
      transaction.data.inputs.forEach((input, n) => {
        for (const d of input.bip32Derivation ?? []) {
          if (hex(d.masterFingerprint) === hex(root.fingerprint)) transaction.signInput(n, root.derivePath(d.path));
        }
        for (const d of input.tapBip32Derivation ?? []) {
          if (hex(d.masterFingerprint) !== hex(root.fingerprint)) continue;
          transaction.signInput(n, root.derivePath(d.path).tweak(bitcoinjs.crypto.taggedHash('TapTweak', input.tapInternalKey)));
        }
      });
      return transaction.toBase64();
    },
    finish(psbts) {
      const [first, ...others] = psbts.map((p) => bitcoinjs.Psbt.fromBase64(p, { network: regtest }));
      const all = others.length ? first.combine(...others) : first;
      const transaction = all.finalizeAllInputs().extractTransaction(true);
      return { hex: transaction.toHex(), txid: transaction.getId(), vsize: transaction.virtualSize() };
    },
    create({ inputs, outputs }) {
      const transaction = new bitcoinjs.Psbt({ network: regtest });
      transaction.setVersion(2);
      for (const i of inputs) {
        const origin = (k) => ({ masterFingerprint: master(k.fingerprint), path: 'm/' + k.path });
        transaction.addInput({
          hash: i.txid, index: i.vout, sequence: i.sequence, nonWitnessUtxo: bytes(i.previous), witnessUtxo: { script: bytes(i.script), value: BigInt(i.amount) },
          ...(i.redeemScript && { redeemScript: bytes(i.redeemScript) }), ...(i.witnessScript && { witnessScript: bytes(i.witnessScript) }),
          ...(i.taproot
            ? { tapInternalKey: bytes(i.keys[0].key).slice(1), tapBip32Derivation: i.keys.map((k) => ({ ...origin(k), pubkey: bytes(k.key).slice(1), leafHashes: [] })) }
            : { bip32Derivation: i.keys.map((k) => ({ ...origin(k), pubkey: bytes(k.key) })) }),
        });
      }
      for (const o of outputs) transaction.addOutput({ script: bytes(o.script), value: BigInt(o.amount) });
      return transaction.toBase64();
    },
  },
};

const answer = {
  address: (job) => new Output({ descriptor: job.descriptor, change: job.change, index: job.index, network: regtest }).getAddress(),
  sign: (job) => job.seeds.map((seed) => libraries[job.library].sign(job.psbt, seed)),
  finish: (job) => libraries[job.library].finish(job.psbts),
  create: (job) => libraries[job.library].create(job),
};

const answers = JSON.parse(readFileSync(0, 'utf8')).map((job) => {
  try {
    return { ok: answer[job.do](job) };
  } catch (error) {
    return { error: `${job.do} ${job.library ?? ''}: ${error.stack}` };
  }
});
process.stdout.write(JSON.stringify(answers));
