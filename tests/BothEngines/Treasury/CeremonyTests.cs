using DigitalResistance.Testing.Payouts;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Treasury;

/// <summary>Holders bring keys, compare and confirm; only what all of them confirmed becomes the treasury.</summary>
public sealed class CeremonyTests
{
    private static readonly Guid[] Holders = [.. Enumerable.Range(1, 4).Select(i => new Guid(i, 0, 0, new byte[8]))];
    private static readonly Descriptor Told = TestTreasuries.Parse(TestTreasuries.TwoOfThree);

    [Fact]
    public async Task Three_holders_bring_keys_and_the_last_confirmation_adopts_what_they_compared()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        for (var i = 0; i < 3; i++) Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, i, Key(i), i == 1 ? SigningDevice.Trezor : null));
        Assert.Equal(Told.Text, (await ComposedAsync(world, id))!.Text);

        Assert.Equal(new CeremonyResult.Counted(1, 3), await ConfirmAsync(world, id, 2));
        Assert.Equal(new CeremonyResult.Counted(1, 3), await ConfirmAsync(world, id, 2));
        Assert.Equal(new CeremonyResult.Counted(2, 3), await ConfirmAsync(world, id, 0));
        Assert.Empty(await world.LedgerAsync());
        Assert.IsType<CeremonyResult.NotTheHolder>(await ConfirmAsync(world, id, 3));
        Assert.Equal(Told.Text, Assert.IsType<CeremonyResult.Adopted>(await ConfirmAsync(world, id, 1)).Descriptor.Text);
        // The last one's button, pressed twice.
        Assert.IsType<CeremonyResult.Adopted>(await ConfirmAsync(world, id, 1));

        var treasury = (await world.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!;
        Assert.Equal((Told.Text, world.Chain.Height + 1), (treasury.Descriptor.Text, treasury.StartHeight));
        Assert.Equal(["treasury.rotated", "treasury.confirmed"], await world.LedgerTypesAsync());
        Assert.Contains("\"fingerprints\":[\"4ba43603\",\"8dfc9b34\",\"56c4fac3\"],\"threshold\":2", (await world.LedgerAsync())[1], StringComparison.Ordinal);
        Assert.Equal((1, SigningDevice.Trezor), await world.Read(async db => { var said = await db.Set<TreasuryKeyDevice>().SingleAsync(); return (said.Position, said.Device); }));
        Assert.Equal(CeremonyEnd.Adopted, (await world.Read(db => db.Set<Ceremony>().SingleAsync())).End);
        Assert.Equal(Told.Address(Branch.Receive, 0), (await world.DonateAsync()).Address);
        Assert.IsType<CeremonyResult.AlreadyAdopted>(await BeginAsync(world, 2, 3));
    }

    [Fact]
    public async Task Every_export_of_one_key_is_that_key()
    {
        const string path = "48h/1h/0h/2h";
        var (plain, vpub) = (Plain(0), TestTreasuries.Vpub(Plain(0)));
        string[] exports =
        [
            Key(0), $"[4ba43603/48'/1'/0'/2']{plain}", $"[4BA43603/{path}]{vpub}", $"Derivation: m/48'/1'/0'/2'\n4BA43603: {vpub}", $"wsh(sortedmulti(1,{Key(0)}))",
            $$"""{"p2sh":"tpubX","p2wsh_deriv":"m/48'/1'/0'/2'","p2wsh":"{{vpub}}","account":"0","xfp":"4BA43603"}""",
            $$$"""{"chain":"XTN","xfp":"4BA43603","bip48_2":{"deriv":"m/48'/1'/0'/2'","xpub":"{{{plain}}}"}}""",
            $$$"""{"wallet_type":"standard","keystore":{"type":"bip32","xpub":"{{{vpub}}}","derivation":"m/48h/1h/0h/2h","root_fingerprint":"4ba43603"}}""",
        ];
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        foreach (var export in exports)
        {
            Assert.True(await GiveAsync(world, id, 0, export) is CeremonyResult.Done, export);
            var key = await world.Read(db => db.Set<CeremonyKey>().SingleAsync());
            Assert.Equal((Key(0), "4ba43603", path), (key.Key, key.Fingerprint, key.Path));
            await OutAsync(world, id, "4ba43603");
        }

        // Electrum shows key, fingerprint and path apart.
        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyKeys act) => act.GiveAsync(id, vpub, " 4ba43603", "m/48'/1'/0'/2'", null, Holders[0], default)));
        Assert.Equal(Key(0), (await world.Read(db => db.Set<CeremonyKey>().SingleAsync())).Key);
    }

    [Fact]
    public async Task What_is_not_one_public_key_of_this_network_is_refused_and_nothing_of_it_is_kept()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        const string main = "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V";
        var vpub = TestTreasuries.Vpub(Plain(0));
        foreach (var (text, kind) in new[]
        {
            ("", DescriptorFaultKind.Empty), ("hello", DescriptorFaultKind.Key), ($"[73c5da0a/84h/0h/0h]{main}", DescriptorFaultKind.Network), ($"[4ba43603/48h/0h/0h/2h]{Plain(0)}", DescriptorFaultKind.Network),
            (vpub, DescriptorFaultKind.OriginMissing), ($"[00000000/48h/1h/0h/2h]{Plain(0)}", DescriptorFaultKind.OriginMissing), ($"[4ba43603/48h/1h/0h]{Plain(0)}", DescriptorFaultKind.Origin),
            ($"{Key(0)}\n{Key(1)}", DescriptorFaultKind.SeveralKeys), (TestTreasuries.TwoOfThree, DescriptorFaultKind.SeveralKeys), ($"Policy: 2 of 2\n{Key(0)}\n{Key(1)}", DescriptorFaultKind.SeveralKeys),
            ("xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc", DescriptorFaultKind.PrivateKey),
            ("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", DescriptorFaultKind.PrivateKey),
            ($$$"""{"keystore":{"xpub":"{{{vpub}}}","seed":"correct horse battery staple"}}""", DescriptorFaultKind.PrivateKey), ($$"""{"xfp":"4BA43603"}""", DescriptorFaultKind.WalletFile),
            ("{ broken", DescriptorFaultKind.WalletFile), (new string('x', 600_000), DescriptorFaultKind.TooLong),
        })
        {
            Assert.True(await GiveAsync(world, id, 0, text) is CeremonyResult.Faulty { Fault: var fault } && fault.Kind == kind, $"{text[..Math.Min(100, text.Length)]} is not {kind}");
        }

        // A secret in the field of the fingerprint, whatever the key is.
        var beside = await world.Do((CeremonyKeys act) => act.GiveAsync(id, Key(0), string.Join(' ', Enumerable.Repeat("abandon", 12)), null, null, Holders[0], default));
        Assert.Equal(DescriptorFaultKind.PrivateKey, Assert.IsType<CeremonyResult.Faulty>(beside).Fault.Kind);
        Assert.Empty(await world.Read(db => db.Set<CeremonyKey>().ToListAsync()));
    }

    [Fact]
    public async Task A_key_for_a_wallet_of_one_is_none_of_several_and_the_other_way_round()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        var zpub = Lettered(Plain(0), 0x04, 0x5f, 0x1c, 0xf6);
        Assert.Equal(DescriptorFaultKind.OtherUse, Assert.IsType<CeremonyResult.Faulty>(await GiveAsync(world, id, 0, $"[4ba43603/48h/1h/0h/2h]{zpub}")).Fault.Kind);
        await world.Do((CeremonyOpening act) => act.GiveUpAsync(id, default));

        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyOpening act) => act.BeginAsync(TreasuryScript.WitnessKey, 1, 1, null, Holders[0], default)));
        id = await LiveAsync(world);
        Assert.Equal(DescriptorFaultKind.OtherUse, Assert.IsType<CeremonyResult.Faulty>(await GiveAsync(world, id, 0, $"[4ba43603/48h/1h/0h/2h]{TestTreasuries.Vpub(Plain(0))}")).Fault.Kind);
        Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, 0, $"[4ba43603/48h/1h/0h/2h]{zpub}"));
        Assert.StartsWith("wpkh([4ba43603/48h/1h/0h/2h]tpub", Assert.IsType<CeremonyResult.Adopted>(await ConfirmAsync(world, id, 0)).Descriptor.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_key_the_same_device_a_second_key_and_a_key_too_many_are_told_apart()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, 0, Key(0)));
        Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, 0, Key(0)));
        Assert.Equal(new CeremonyResult.SameKey("4ba43603"), await GiveAsync(world, id, 1, Key(0)));
        Assert.Equal(new CeremonyResult.SameKey("4ba43603"), await GiveAsync(world, id, 1, Key(0).Replace("4ba43603", "11111111", StringComparison.Ordinal)));
        Assert.Equal(new CeremonyResult.SameDevice("4ba43603"), await GiveAsync(world, id, 1, Key(1).Replace("8dfc9b34", "4ba43603", StringComparison.Ordinal)));
        var second = Assert.IsType<CeremonyResult.AlreadyGave>(await GiveAsync(world, id, 0, Key(1)));
        Assert.Equal((Key(0), Key(1)), (second.Key.Key, second.Second));
        Assert.Single(await world.Read(db => db.Set<CeremonyKey>().ToListAsync()));

        await GiveAsync(world, id, 1, Key(1));
        Assert.IsType<CeremonyResult.Incomplete>(await ConfirmAsync(world, id, 0));
        await GiveAsync(world, id, 2, Key(2));
        Assert.IsType<CeremonyResult.Full>(await GiveAsync(world, id, 3, TestTreasuries.OneKey[5..^1]));
    }

    [Fact]
    public async Task Another_key_voids_what_was_confirmed_and_a_holder_who_never_confirms_is_replaced()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await BegunAsync(world);
        for (var i = 0; i < 3; i++) await GiveAsync(world, id, i, Key(i));
        var before = (await ComposedAsync(world, id))!.Sha256;
        await ConfirmAsync(world, id, 0);
        await ConfirmAsync(world, id, 1);

        await OutAsync(world, id, "56c4fac3");
        Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, 3, TestTreasuries.OneKey[5..^1]));
        Assert.Equal((await ComposedAsync(world, id))!.Sha256, Assert.IsType<CeremonyResult.OtherDescriptor>(await ConfirmAsync(world, id, 3, before)).Now.Sha256);
        Assert.Equal(new CeremonyResult.Counted(1, 3), await ConfirmAsync(world, id, 3));
        Assert.Equal(new CeremonyResult.Counted(2, 3), await ConfirmAsync(world, id, 1));

        // The first key comes back: the descriptor is as it was, and still nobody has confirmed.
        await OutAsync(world, id, "e89702d2");
        await GiveAsync(world, id, 2, Key(2));
        Assert.Equal(before, (await ComposedAsync(world, id))!.Sha256);
        Assert.Equal(new CeremonyResult.Counted(1, 3), await ConfirmAsync(world, id, 0));
        Assert.IsType<CeremonyResult.NotTheHolder>(await ConfirmAsync(world, id, 3));

        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyOpening act) => act.GiveUpAsync(id, default)));
        Assert.IsType<CeremonyResult.NotLive>(await ConfirmAsync(world, id, 1));
        Assert.NotEqual(id, await BegunAsync(world));
    }

    [Fact]
    public async Task Of_a_whole_descriptor_each_holder_says_which_key_is_theirs()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        Assert.IsType<CeremonyResult.Faulty>(await world.Do((CeremonyOpening act) => act.BeginWithAsync("wsh(nothing)", 1, Holders[0], default)));
        var doubled = TestTreasuries.TwoOfThree.Replace("8dfc9b34", "4ba43603", StringComparison.Ordinal);
        Assert.Equal(new CeremonyResult.SameDevice("4ba43603"), await world.Do((CeremonyOpening act) => act.BeginWithAsync(doubled, 1, Holders[0], default)));
        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyOpening act) => act.BeginWithAsync(TestTreasuries.TwoOfThree, 2, Holders[0], default)));
        var id = await LiveAsync(world);
        Assert.IsType<CeremonyResult.NotTheHolder>(await ConfirmAsync(world, id, 0));
        Assert.Equal(new CeremonyResult.Counted(1, 3), await ConfirmAsync(world, id, 0, fingerprint: "8dfc9b34"));
        // Nobody has two keys, and nobody another's.
        Assert.IsType<CeremonyResult.NotTheHolder>(await ConfirmAsync(world, id, 0, fingerprint: "4ba43603"));
        Assert.IsType<CeremonyResult.NotTheHolder>(await ConfirmAsync(world, id, 1, fingerprint: "8dfc9b34"));
        // Whoever brings the key itself says the same.
        Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, 1, Key(2)));
        Assert.Equal(new CeremonyResult.Counted(2, 3), await ConfirmAsync(world, id, 1));
        Assert.IsType<CeremonyResult.Adopted>(await ConfirmAsync(world, id, 2, fingerprint: "4ba43603"));
        Assert.Equal(2, (await world.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!.StartHeight);
    }

    [Fact]
    public async Task Impossible_terms_and_one_key_for_real_money_are_refused_and_a_second_beginning_sees_the_first()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        foreach (var (k, n) in new[] { (0, 3), (1, 3), (4, 3), (2, 16), (-1, -1) }) Assert.IsType<CeremonyResult.Terms>(await BeginAsync(world, k, n));
        Assert.IsType<CeremonyResult.Terms>(await world.Do((CeremonyOpening act) => act.BeginAsync(TreasuryScript.Taproot, 2, 3, null, Holders[0], default)));
        await BegunAsync(world);
        Assert.IsType<CeremonyResult.Done>(await BeginAsync(world, 2, 3));
        Assert.Equal((2, 3), Assert.IsType<CeremonyResult.AlreadyBegun>(await BeginAsync(world, 3, 5)).Ceremony is var live ? (live.Threshold, live.Size) : default);

        await using var real = await TreasuryWorld.CreateAsync(("Bitcoin:Network", "main"), ("Bitcoin:Backend", "none"));
        Assert.IsType<CeremonyResult.SingleKey>(await real.Do((CeremonyOpening act) => act.BeginAsync(TreasuryScript.WitnessKey, 1, 1, null, Holders[0], default)));
    }

    [Fact]
    public async Task A_confirmation_that_would_adopt_waits_for_the_chain()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var id = await ReadyAsync(world);
        await ConfirmAsync(world, id, 0);
        await ConfirmAsync(world, id, 1);
        world.Faults.IsAway = true;
        Assert.IsType<CeremonyResult.ChainAway>(await ConfirmAsync(world, id, 2));
        Assert.Empty(await world.LedgerAsync());
        world.Faults.IsAway = false;
        Assert.IsType<CeremonyResult.Adopted>(await ConfirmAsync(world, id, 2));
    }

    [Fact]
    public async Task Everybody_at_once_on_two_replicas_has_one_effect()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await using var replica = world.Join();
        TreasuryWorld[] both = [world, replica];
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => BeginAsync(both[i % 2], 2, 3)))), result => Assert.IsType<CeremonyResult.Done>(result));
        var id = await LiveAsync(world);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 18).Select(i => Task.Run(() => GiveAsync(both[i % 2], id, i % 3, Key(i % 3))))), result => Assert.IsType<CeremonyResult.Done>(result));
        Assert.Equal(3, await world.Read(db => db.Set<CeremonyKey>().CountAsync()));
        var results = await Task.WhenAll(Enumerable.Range(0, 18).Select(i => Task.Run(() => ConfirmAsync(both[i % 2], id, i % 3))));
        Assert.All(results, result => Assert.True(result is CeremonyResult.Counted or CeremonyResult.Adopted, result.ToString()));
        Assert.Equal(["treasury.rotated", "treasury.confirmed"], await world.LedgerTypesAsync());
        Assert.Equal(3, await world.Read(db => db.Set<CeremonyKey>().CountAsync(k => k.ConfirmedSha256 != null)));
    }

    [Fact]
    public async Task Another_treasury_ends_the_gathering_and_so_does_a_log_that_knows_one()
    {
        await using var world = await PayoutWorld.CreateAsync();
        var id = await ReadyAsync(world.World);
        await world.World.SealAsync();
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        for (var i = 0; i < 3; i++) await ConfirmAsync(world.World, id, i);
        await world.World.SealAsync();

        await using var restored = await RestoredDatabaseTests.RestoreAsync(world, backup);
        Assert.Equal(Told.Sha256, (await restored.World.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!.Descriptor.Sha256);
        Assert.Equal(CeremonyEnd.Overtaken, (await restored.World.Read(db => db.Set<Ceremony>().SingleAsync())).End);
        Assert.IsType<CeremonyResult.NotLive>(await ConfirmAsync(restored.World, id, 0, Told.Sha256));
        Assert.Single(await restored.World.LedgerTypesAsync(), type => type == "treasury.confirmed");

        await using var other = await TreasuryWorld.CreateAsync();
        await BegunAsync(other);
        await other.AdoptAsync();
        Assert.Equal(CeremonyEnd.Overtaken, (await other.Read(db => db.Set<Ceremony>().SingleAsync())).End);
    }

    private static string Key(int i) => Told.Keys[i].ToString();

    private static string Plain(int i) => Told.Keys[i].Key.ToString();

    private static string Lettered(string key, params byte[] version)
    {
        var data = NBitcoin.DataEncoders.Encoders.Base58Check.DecodeData(key);
        version.CopyTo(data, 0);
        return NBitcoin.DataEncoders.Encoders.Base58Check.EncodeData(data);
    }

    private static Task<CeremonyResult> BeginAsync(TreasuryWorld world, int threshold, int size) =>
        world.Do((CeremonyOpening act) => act.BeginAsync(TreasuryScript.SortedMultisig, threshold, size, null, Holders[0], default));

    private static async Task<int> BegunAsync(TreasuryWorld world)
    {
        Assert.IsType<CeremonyResult.Done>(await BeginAsync(world, 2, 3));
        return await LiveAsync(world);
    }

    private static async Task<int> ReadyAsync(TreasuryWorld world)
    {
        var id = await BegunAsync(world);
        for (var i = 0; i < 3; i++) Assert.IsType<CeremonyResult.Done>(await GiveAsync(world, id, i, Key(i)));
        return id;
    }

    private static Task<int> LiveAsync(TreasuryWorld world) => world.Read(db => db.Set<Ceremony>().Where(c => c.IsLive).Select(c => c.Id).SingleAsync());

    private static Task<CeremonyResult> GiveAsync(TreasuryWorld world, int id, int holder, string text, SigningDevice? device = null) =>
        world.Do((CeremonyKeys act) => act.GiveAsync(id, text, null, null, device, Holders[holder], default));

    private static async Task OutAsync(TreasuryWorld world, int id, string fingerprint) =>
        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyKeys act) => act.TakeOutAsync(id, fingerprint, default)));

    private static Task<Descriptor?> ComposedAsync(TreasuryWorld world, int id) => world.Read(async db =>
        (await db.Set<Ceremony>().SingleAsync(c => c.Id == id)).Compose(await db.Set<CeremonyKey>().Where(k => k.CeremonyId == id).ToListAsync(), NBitcoin.Network.RegTest));

    private static async Task<CeremonyResult> ConfirmAsync(TreasuryWorld world, int id, int holder, string? sha256 = null, string? fingerprint = null)
    {
        sha256 ??= (await ComposedAsync(world, id))?.Sha256 ?? "";
        return await world.Do((CeremonyConfirmation act) => act.ConfirmAsync(id, sha256, fingerprint, Holders[holder], default));
    }
}
