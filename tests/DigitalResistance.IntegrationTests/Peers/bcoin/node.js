'use strict';
// A bitcoin node for tests: npm's bcoin on regtest, with the RPC answers where it differs from Bitcoin Core put right, so
// that the product talks to it exactly as it talks to Core. Verification, mempool, blocks and reorganisations are bcoin's.
//
//   node node.js <rpc port> <api key> <file of blocks> [standard]
//
// Prints READY when it answers. Ends when its standard input closes, so that it never outlives the test run. Every block
// is appended to the file and read back at the start: a node that was killed comes back with its chain and an empty
// mempool. Beside Core's methods: mine, fund (pay any address or script from the miner's coins), held (what addresses have), fork (a competing
// branch, that is, a real reorganisation), forgetmempool (a node that lost its unconfirmed transactions), pretend (a node
// of another kind or in another mood: a method that is missing, or answers with an error) and instead (one that follows another chain).

const fs = require('fs');
const networks = require('bcoin/lib/protocol/networks');
const regtest = networks.regtest;
Object.assign(regtest.addressPrefix, { pubkeyhash: 0x6f, scripthash: 0xc4, bech32: 'bcrt' });
Object.assign(regtest.keyPrefix, { privkey: 0xef, xpubkey: 0x043587cf, xprivkey: 0x04358394, xpubkey58: 'tpub', xprivkey58: 'tprv' });
// Core's regtest has segwit from the first block; here it needs three windows of signalling, so the windows are short.
regtest.minerWindow = 8;
regtest.activationThreshold = 6;
// Core's subsidy falls every 150 blocks too, but nobody here mines long enough to want that.
regtest.halvingInterval = 100000;

const FullNode = require('bcoin/lib/node/fullnode');
const Block = require('bcoin/lib/primitives/block');
const TX = require('bcoin/lib/primitives/tx');
const MTX = require('bcoin/lib/primitives/mtx');
const Address = require('bcoin/lib/primitives/address');
const KeyRing = require('bcoin/lib/primitives/keyring');
const Script = require('bcoin/lib/script/script');
const MempoolEntry = require('bcoin/lib/mempool/mempoolentry');
const { RPCError } = require('bweb');

const [port, apiKey, blocks, policy] = process.argv.slice(2);
const node = new FullNode({
  network: 'regtest', memory: true, listen: false, httpHost: '127.0.0.1', httpPort: Number(port), apiKey,
  indexTX: true, indexAddress: true, workers: false, logConsole: false, logFile: false,
  requireStandard: policy === 'standard', replaceByFee: true
});

// The miner's key is the same in every run: a node that is started again on its folder still owns its coins.
const miner = KeyRing.fromPrivate(Buffer.alloc(32, 0x5a), true);
miner.witness = true;

const calls = node.rpc.calls;
const answer = (name, act) => { calls[name] = (args, help) => act(args, help); };
const original = name => { const call = calls[name]; return (args, help) => call.call(node.rpc, args, help); };
const internal = hash => Buffer.from(hash, 'hex').reverse().toString('hex');
const script = to => /^[0-9a-f]+$/.test(to) ? Script.fromRaw(Buffer.from(to, 'hex')) : Script.fromAddress(Address.fromString(to, 'regtest'));

function parse(hex) {
  try { return TX.fromRaw(Buffer.from(hex, 'hex')); } catch (e) { throw new RPCError(-22, 'TX decode failed. Make sure the tx has at least one input.'); }
}

/** The reason for which the mempool would refuse the transaction, or null; nothing is inserted. */
async function refusal(tx) {
  const [sane, reason] = tx.checkSanity();
  if (!sane) return reason;
  if (tx.isCoinbase()) return 'coinbase';
  if (node.mempool.options.requireStandard) {
    const [standard, why] = tx.checkStandard();
    if (!standard) return why;
  }
  if (node.mempool.exists(tx.hash('hex'))) return 'txn-already-in-mempool';
  if (await node.chain.db.hasCoins(tx)) return 'txn-already-known';
  if (node.mempool.isDoubleSpend(tx)) return 'txn-mempool-conflict';
  const view = await node.mempool.getCoinView(tx);
  if (tx.inputs.some(({ prevout }) => !view.hasEntry(prevout))) return 'missing-inputs';
  try { await node.mempool.verify(MempoolEntry.fromTX(tx, view, node.chain.height), view); } catch (e) { return e.reason || e.message; }
  return null;
}

// bcoin answers with the txid before it has verified; Core answers after.
answer('sendrawtransaction', async ([hex]) => {
  const tx = parse(hex);
  if (await node.chain.db.hasCoins(tx)) throw new RPCError(-27, 'Transaction outputs already in utxo set');
  if (node.mempool.exists(tx.hash('hex'))) return tx.txid();
  let missing;
  try { missing = await node.mempool.addTX(tx); } catch (e) {
    if (e.type !== 'VerifyError') throw e;
    throw new RPCError(-26, e.reason);
  }
  if (missing) throw new RPCError(-25, 'bad-txns-inputs-missingorspent');
  return tx.txid();
});

answer('testmempoolaccept', ([transactions]) => Promise.all(transactions.map(async hex => {
  const tx = parse(hex), reason = await refusal(tx);
  return {
    txid: tx.txid(), wtxid: internal(tx.witnessHash('hex')), allowed: reason === null,
    ...(reason === null ? { vsize: tx.getVirtualSize() } : { 'reject-reason': reason })
  };
})));

const block = original('getblock');
answer('getblock', async ([hash, verbosity = 1], help) => {
  if (!await node.chain.getEntry(internal(hash))) throw new RPCError(-5, 'Block not found');
  const level = Number(verbosity);
  const found = await block(level === 0 ? [hash, false] : [hash, true, level > 1], help);
  return level === 0 ? found : honest(found);
});

const header = original('getblockheader');
answer('getblockheader', async ([hash, verbose = true], help) => {
  if (!await node.chain.getEntry(internal(hash))) throw new RPCError(-5, 'Block not found');
  const found = await header([hash, verbose], help);
  return verbose ? honest(found) : found;
});

/** A block that lost the race has -1 confirmations; bcoin goes on counting them. */
async function honest(found) {
  const entry = await node.chain.getEntry(internal(found.hash));
  if (!await node.chain.isMainChain(entry)) found.confirmations = -1;
  return found;
}

const transaction = original('getrawtransaction');
answer('getrawtransaction', async ([txid, verbose = false], help) => {
  if (!await node.getMeta(internal(txid))) throw new RPCError(-5, 'No such mempool or blockchain transaction.');
  return transaction([txid, Boolean(verbose)], help);
});

const pending = original('getmempoolentry');
answer('getmempoolentry', async ([txid], help) => {
  if (!node.mempool.getEntry(internal(txid))) throw new RPCError(-5, 'Transaction not in mempool');
  return pending([txid], help);
});

// bcoin still shows a coin that an unconfirmed transaction spends; Core does not.
const coin = original('gettxout');
answer('gettxout', async ([txid, index, withMempool = true], help) =>
  withMempool && node.mempool.isSpent(internal(txid), index) ? null : coin([txid, index, withMempool], help));

answer('estimatesmartfee', async ([blocks]) => ({ errors: ['Insufficient data or no feerate found'], blocks }));

const chainInfo = original('getblockchaininfo');
answer('getblockchaininfo', async (args, help) => ({ ...await chainInfo(args, help), initialblockdownload: false, warnings: [] }));

const networkInfo = original('getnetworkinfo');
answer('getnetworkinfo', async (args, help) => ({ ...await networkInfo(args, help), relayfee: 0.00001, incrementalfee: 0.00001 }));

/** Accepts a block and remembers it. */
const add = node.chain.add.bind(node.chain);
node.chain.add = async (mined, ...rest) => {
  const entry = await add(mined, ...rest);
  fs.appendFileSync(blocks, mined.toRaw().toString('hex') + '\n');
  return entry;
};

/** [address or script hex or several, satoshis for each] -> txid of an unconfirmed payment out of the miner's coins. */
answer('fund', async ([to, satoshis]) => {
  const coins = (await node.chain.getCoinsByAddress([miner.getAddress()]))
    .filter(c => !node.mempool.isSpent(c.hash, c.index) && (!c.coinbase || node.chain.height + 1 - c.height >= 100));
  const tx = new MTX();
  for (const one of [].concat(to)) tx.addOutput(script(one), satoshis);
  await tx.fund(coins, { rate: 2000, changeAddress: miner.getAddress(), height: node.chain.height + 1, coinbaseMaturity: 100, selection: 'value' });
  tx.sign(miner);
  await node.mempool.addTX(tx.toTX());
  return tx.txid();
});

/** [blocks, address or nothing] -> hashes; without an address the miner keeps the coins. */
answer('mine', async ([count, to]) => {
  const address = to ? Address.fromString(to, 'regtest') : miner.getAddress();
  const hashes = [];
  for (let i = 0; i < count; i++) {
    const mined = await node.miner.cpu.mineBlock(node.chain.tip, address);
    await node.chain.add(mined);
    hashes.push(mined.rhash());
  }
  return hashes;
});

/** [hash of the last common block, blocks, "empty" or nothing] -> hashes of a branch that competes from there. */
answer('fork', async ([parent, count, empty]) => {
  let tip = await node.chain.getEntry(internal(parent));
  const hashes = [], undone = [];
  for (let e = node.chain.tip; e.height > tip.height; e = await node.chain.getPrevious(e))
    undone.unshift(...(await node.chain.getBlock(e.hash)).txs.slice(1));
  for (let i = 0; i < count; i++) {
    const job = await node.miner.cpu.createJob(tip, miner.getAddress());
    if (empty === 'empty') {
      job.attempt.items = [];
      job.attempt.fees = 0;
      job.attempt.refresh();
    }
    const mined = await job.mineAsync();
    tip = await node.chain.add(mined) || await node.chain.getEntry(mined.hash('hex'));
    hashes.push(mined.rhash());
  }
  // What the lost branch had confirmed waits again, as in Core; bcoin forgets it when nothing else is waiting.
  for (const tx of undone) await node.mempool.addTX(tx).catch(() => null);
  return hashes;
});

/** [[address or script hex, …]] -> satoshis that they hold in the best chain, counted block by block: bcoin's own index knows no P2WSH. */
answer('held', async ([targets]) => {
  const scripts = new Set(targets.map(to => script(to).toRaw().toString('hex'))), coins = new Map();
  for (let height = 0; height <= node.chain.height; height++) {
    for (const tx of (await node.chain.getBlock(height)).txs) {
      for (const { prevout } of tx.inputs) coins.delete(prevout.toKey());
      tx.outputs.forEach((output, index) => {
        if (scripts.has(output.script.toRaw().toString('hex'))) coins.set(tx.hash('hex') + index, output.value);
      });
    }
  }
  return [...coins.values()].reduce((sum, value) => sum + value, 0);
});

/** [method, code, message] -> the method answers with that error; without a code there is no such method; [method, 0] brings it back. */
const real = {};
answer('pretend', async ([method, code, message]) => {
  real[method] = real[method] || calls[method];
  if (code === 0) calls[method] = real[method];
  else if (code) answer(method, async () => { throw new RPCError(code, message); });
  else delete calls[method];
  return null;
});

/** [method, result] -> the method answers with that from now on. */
answer('instead', async ([method, result]) => { answer(method, async () => result); return null; });

answer('forgetmempool', async () => { await node.mempool.reset(); return node.mempool.map.size; });

process.on('unhandledRejection', e => { console.error(e); process.exit(1); });
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();

(async () => {
  await node.ensure();
  await node.open();
  const known = fs.existsSync(blocks) ? fs.readFileSync(blocks, 'utf8').split('\n') : [];
  for (const raw of known.filter(line => line.length > 0)) await add(Block.fromRaw(raw, 'hex'));
  console.log('READY', port);
})();
