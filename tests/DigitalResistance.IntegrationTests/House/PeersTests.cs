using System.Diagnostics;
using DigitalResistance.IntegrationTests.Peers;
using Npgsql;

namespace DigitalResistance.IntegrationTests.House;

/// <summary>The programs that other tests rest on really run, and are what they are taken for.</summary>
public sealed class PeersTests
{
    [Fact]
    public async Task PostgreSQL_gives_each_test_a_database_of_its_own()
    {
        var first = await PostgresPeer.CreateDatabaseAsync();
        var second = await PostgresPeer.CreateDatabaseAsync();
        await ExecuteAsync(first, "CREATE TABLE mark (n bigint); INSERT INTO mark VALUES (7)");
        Assert.Equal(7L, await ExecuteAsync(first, "SELECT n FROM mark"));
        var missing = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(second, "SELECT n FROM mark"));
        Assert.Equal(PostgresErrorCodes.UndefinedTable, missing.SqlState);
    }

    [Fact]
    public async Task A_killed_PostgreSQL_remembers_everything_that_it_said_was_done()
    {
        await using var database = await PostgresPeer.StartAsync();
        var text = database.ConnectionString("postgres");
        await ExecuteAsync(text, "CREATE TABLE mark (n bigint)");
        var done = 0L;
        var writing = Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            while (true)
            {
                await ExecuteAsync(text, "INSERT INTO mark VALUES (7)");
                Interlocked.Increment(ref done);
            }
        });
        while (Interlocked.Read(ref done) < 20) await Task.Delay(10);
        await database.InterruptAsync();
        await writing;
        await database.ResumeAsync();
        // One more may have been done than was said.
        Assert.InRange((long)(await ExecuteAsync(text, "SELECT count(*) FROM mark"))!, done, done + 1);
    }

    [Fact]
    public async Task Two_electrum_signers_move_a_2_of_3_coin_that_the_node_verifies()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var treasury = await ElectrumPeer.MultisigAsync(2, 3);
        var recipient = (await treasury.AddressesAsync())[5];
        var funding = await node.FundAsync((await treasury.AddressesAsync())[0], 150_000_000);
        await node.MineAsync();

        var unsigned = await treasury.PayAsync((string)(await node.CallAsync("getrawtransaction", funding))!, recipient, 0.4m);
        var half = await treasury.SignAsync(0, unsigned);
        Assert.StartsWith("cHNidP", half);
        var final = await treasury.SignAsync(2, half);
        Assert.Matches("^[0-9a-f]+$", final);

        // The node verifies signatures itself: one that was altered in one digit is refused.
        var digit = final.IndexOf("0220", StringComparison.Ordinal) + 20;
        var altered = final[..digit] + (final[digit] == '0' ? '1' : '0') + final[(digit + 1)..];
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => node.CallAsync("sendrawtransaction", altered));
        Assert.Contains("-26 non-mandatory-script-verify-flag", refused.Message, StringComparison.Ordinal);

        var txid = (string)(await node.CallAsync("sendrawtransaction", final))!;
        await node.MineAsync();
        Assert.Equal(1, (int)(await node.CallAsync("getrawtransaction", txid, true))!["confirmations"]!);
        Assert.Equal(0.4m, (await OutputsAsync(node, txid)).Single(o => o.Address == recipient).Value);
    }

    [Fact]
    public async Task A_wallet_without_keys_gives_the_payment_back_unsigned()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var treasury = await ElectrumPeer.SingleAsync();
        var funding = await node.FundAsync((await treasury.AddressesAsync())[0], 10_000_000);
        await node.MineAsync();
        var unsigned = await treasury.PayAsync((string)(await node.CallAsync("getrawtransaction", funding))!, (await treasury.ChangeAddressesAsync())[3], 0.05m);
        Assert.StartsWith("cHNidP", await treasury.SignWithoutKeyAsync(unsigned));
        Assert.Matches("^[0-9a-f]+$", await treasury.SignAsync(0, unsigned));
    }

    [Fact]
    public async Task A_reorganisation_makes_a_payment_wait_again_and_the_next_block_confirms_it()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var treasury = await ElectrumPeer.SingleAsync();
        var parent = (string)(await node.CallAsync("getbestblockhash"))!;
        var paid = await node.FundAsync((await treasury.AddressesAsync())[0], 1_000_000);
        var lost = Assert.Single(await node.MineAsync());

        await node.ForkAsync(parent, 2);
        Assert.Equal([paid], await node.MempoolAsync());
        Assert.Equal(-1, (int)(await node.CallAsync("getblockheader", lost))!["confirmations"]!);

        await node.MineAsync();
        Assert.Empty(await node.MempoolAsync());
        Assert.Equal(1, (int)(await node.CallAsync("getrawtransaction", paid, true))!["confirmations"]!);
    }

    [Fact]
    public async Task A_killed_node_comes_back_with_its_chain_and_an_empty_mempool()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var treasury = await ElectrumPeer.SingleAsync();
        await node.FundAsync((await treasury.AddressesAsync())[0], 1_000_000);
        var tip = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.InterruptAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => node.HeightAsync());
        await node.ResumeAsync();
        Assert.Equal(tip, (string)(await node.CallAsync("getbestblockhash"))!);
        Assert.Empty(await node.MempoolAsync());
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    public async Task Ssh_keygen_signs_for_one_namespace_and_one_text(string type)
    {
        await using var key = await SshKeygen.CreateAsync(type);
        var signature = await key.SignAsync("round 1\n");
        Assert.StartsWith("-----BEGIN SSH SIGNATURE-----", signature);
        Assert.True(await key.VerifyAsync("round 1\n", signature));
        Assert.False(await key.VerifyAsync("round 2\n", signature));
        Assert.False(await key.VerifyAsync("round 1\n", signature, "file"));
    }

    [Fact]
    public async Task A_peer_that_does_not_start_fails_soon_and_says_what_it_wrote()
    {
        var watch = Stopwatch.StartNew();
        await using var peer = PeerProcess.Start("/bin/sh", ["-c", "echo cannot bind; exit 3"]);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => peer.WaitForTextAsync("READY", seconds: 20));
        Assert.Contains("cannot bind", failure.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    private static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<(string Address, decimal Value)[]> OutputsAsync(BcoinPeer node, string txid)
    {
        var outputs = (await node.CallAsync("getrawtransaction", txid, true))!["vout"]!.AsArray();
        return [.. outputs.Select(o => ((string)o!["scriptPubKey"]!["addresses"]![0]!, (decimal)o["value"]!))];
    }
}
