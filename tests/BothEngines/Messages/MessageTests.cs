using DigitalResistance.Data;
using DigitalResistance.Messages;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Rounds;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Testing.Messages;

/// <summary>Accounts write to the admins, and nobody else reads it.</summary>
public sealed class MessageTests
{
    private static readonly EphemeralDataProtectionProvider Protection = new();

    private static MessageWriting Writing(RoundsWorld world, MoneyDb db, MessageOptions? options = null) =>
        new(db, new Budgets(db, world.Time), Protection, Options.Create(options ?? new MessageOptions()), world.Time);

    private static Task<MessageResult> WriteAsync(RoundsWorld world, Guid account, string? text, MessageOptions? options = null) => world.On(db => Writing(world, db, options).WriteAsync(account, text));

    private static Task<MessageResult> AnswerAsync(RoundsWorld world, Guid admin, Guid account, string text) => world.On(db => Writing(world, db).AnswerAsync(admin, account, text));

    // Nothing here asks for a name.
    private static Task<IReadOnlyList<MessageView>> ReadAsync(RoundsWorld world, Guid account) => world.On(db => new MessageReading(db, null!, Protection, world.Time).OfAsync(account));

    [Fact]
    public async Task What_is_written_is_answered_and_stands_in_the_database_sealed()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (account, other) = (await world.AccountAsync(), await world.AccountAsync());
        Assert.IsType<MessageResult.Gone>(await AnswerAsync(world, world.Alice, account, "Hello?"));
        Assert.IsType<MessageResult.Written>(await WriteAsync(world, account, "  My server\r\nis held.  "));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<MessageResult.NotAnAdmin>(await AnswerAsync(world, other, account, "Give me your password."));
        Assert.IsType<MessageResult.Written>(await AnswerAsync(world, world.Boris, account, "Object to it."));
        Assert.Equal(
            [new MessageView(false, "My server\nis held.", RoundsWorld.Start), new MessageView(true, "Object to it.", RoundsWorld.Start.AddMinutes(1))], await ReadAsync(world, account));
        Assert.Empty(await ReadAsync(world, other));
        Assert.All(await world.On(db => db.Set<Message>().Select(m => m.SealedText).ToListAsync()), sealedText => Assert.DoesNotContain("held", System.Text.Encoding.UTF8.GetString(sealedText), StringComparison.Ordinal));
        // Nothing of it is anybody else's.
        Assert.Empty(await world.EntriesAsync());
    }

    [Fact]
    public async Task Words_that_were_moved_to_another_account_are_not_opened_there()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (account, other) = (await world.AccountAsync(), await world.AccountAsync());
        await WriteAsync(world, account, "For the admins.");
        await world.On(db => db.Set<Message>().ExecuteUpdateAsync(set => set.SetProperty(m => m.AccountId, other)));
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(() => ReadAsync(world, other));
    }

    [Fact]
    public async Task Lengths_and_rates_have_limits()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        Assert.IsType<MessageResult.Empty>(await WriteAsync(world, account, " \n "));
        Assert.IsType<MessageResult.Empty>(await WriteAsync(world, account, null));
        Assert.Equal(new MessageResult.TooLong(2_001), await WriteAsync(world, account, new string('x', 2_001)));
        Assert.IsType<MessageResult.Written>(await WriteAsync(world, account, new string('x', 2_000)));
        var few = new MessageOptions { PerDay = 2 };
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<MessageResult.Written>(await WriteAsync(world, account, "second", few));
        Assert.Equal(new MessageResult.TooManyNow(TimeSpan.FromHours(23)), await WriteAsync(world, account, "third", few));
        world.Time.Advance(TimeSpan.FromHours(23));
        Assert.IsType<MessageResult.Written>(await WriteAsync(world, account, "third", few));

        var all = new MessageOptions { AllPerHour = 1 };
        for (var i = 0; i < 24; i++) await WriteAsync(world, await world.AccountAsync(), "one of many", all);
        Assert.IsType<MessageResult.TooManyNow>(await WriteAsync(world, await world.AccountAsync(), "one too many", all));
    }

    [Fact]
    public async Task Messages_are_gone_after_ninety_days_and_at_once_when_their_owner_says_so()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (account, other) = (await world.AccountAsync(), await world.AccountAsync());
        await WriteAsync(world, account, "old");
        world.Time.Advance(TimeSpan.FromDays(1));
        await WriteAsync(world, account, "new");
        await WriteAsync(world, other, "another's");
        world.Time.Advance(TimeSpan.FromDays(89));
        Assert.Equal("new", (await ReadAsync(world, account)).Single().Text);
        Assert.Equal(1, await world.On(db => new MessagePurgePass(db, world.Time).RunAsync(default)));
        Assert.Equal(2, await world.On(db => db.Set<Message>().CountAsync()));
        Assert.Equal(1, await world.On(db => Writing(world, db).DeleteAsync(account)));
        Assert.Equal("another's", (await ReadAsync(world, other)).Single().Text);
    }
}
