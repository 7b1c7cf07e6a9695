using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Staff;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Messages;

/// <summary>Writes to the admins, answers, and takes back everything.</summary>
public sealed class MessageWriting(MoneyDb db, Budgets budgets, IDataProtectionProvider protection, IOptions<MessageOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>An account writes to the admins.</summary>
    public async Task<MessageResult> WriteAsync(Guid account, string? text, CancellationToken cancellation = default)
    {
        if (Check(text, out var words) is { } mistake) return mistake;
        var since = time.GetUtcNow() - Day;
        var own = await db.Set<Message>().Where(m => m.AccountId == account && !m.IsFromAdmins && m.At > since).Select(m => m.At).OrderBy(at => at).ToListAsync(cancellation);
        if (own.Count >= options.Value.PerDay) return new MessageResult.TooManyNow(own[0] + Day - time.GetUtcNow());
        var perHour = options.Value.AllPerHour;
        if (await budgets.TakeAsync(new Budget("messages.new", perHour * 24, perHour), cancellation) is { } wait) return new MessageResult.TooManyNow(wait);
        return await KeepAsync(account, words, isFromAdmins: false, cancellation);
    }

    /// <summary>An admin answers an account that wrote, or writes where messages of both are still kept.</summary>
    public async Task<MessageResult> AnswerAsync(Guid admin, Guid account, string? text, CancellationToken cancellation = default)
    {
        if (!(await db.HoldersAsync(Roles.Admin, cancellation)).Contains(admin)) return new MessageResult.NotAnAdmin();
        if (Check(text, out var words) is { } mistake) return mistake;
        return await db.Set<Message>().AnyAsync(m => m.AccountId == account, cancellation) ? await KeepAsync(account, words, isFromAdmins: true, cancellation) : new MessageResult.Gone();
    }

    /// <summary>An account takes back all that was written, on both sides.</summary>
    public Task<int> DeleteAsync(Guid account, CancellationToken cancellation = default) => db.Set<Message>().Where(m => m.AccountId == account).ExecuteDeleteAsync(cancellation);

    private async Task<MessageResult> KeepAsync(Guid account, string words, bool isFromAdmins, CancellationToken cancellation)
    {
        db.Add(new Message { AccountId = account, IsFromAdmins = isFromAdmins, SealedText = MessageSeal.Of(protection, account).Protect(Encoding.UTF8.GetBytes(words)), At = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellation);
        return new MessageResult.Written();
    }

    private static MessageResult? Check(string? text, out string words)
    {
        words = (text ?? "").ReplaceLineEndings("\n").Trim();
        return words.Length switch
        {
            0 => new MessageResult.Empty(),
            > Message.LongestText => new MessageResult.TooLong(words.Length),
            _ => null,
        };
    }
}

/// <summary>How writing can end.</summary>
public abstract record MessageResult
{
    private MessageResult()
    {
    }

    /// <summary>It is kept.</summary>
    public sealed record Written : MessageResult;

    /// <summary>There are no words in it.</summary>
    public sealed record Empty : MessageResult;

    /// <summary>It is longer than <see cref="Message.LongestText"/>.</summary>
    public sealed record TooLong(int Length) : MessageResult;

    /// <summary>Too much was written lately.</summary>
    public sealed record TooManyNow(TimeSpan Wait) : MessageResult;

    /// <summary>Whoever answers is not an admin (any more).</summary>
    public sealed record NotAnAdmin : MessageResult;

    /// <summary>The account took everything back, or it is too old: there is nobody to answer.</summary>
    public sealed record Gone : MessageResult;
}
