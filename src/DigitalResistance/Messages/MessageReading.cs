using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Servers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Messages;

/// <summary>Conversations as their two sides read them. Admins know an account by a tag that is made for this page only, and leads to no other.</summary>
public sealed class MessageReading(MoneyDb db, KeyedTags tags, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>One conversation, the oldest first.</summary>
    public async Task<IReadOnlyList<MessageView>> OfAsync(Guid account, CancellationToken cancellation = default)
    {
        var (seal, since) = (MessageSeal.Of(protection, account), time.GetUtcNow() - Message.Lifetime);
        var rows = await db.Set<Message>().AsNoTracking().Where(m => m.AccountId == account && m.At > since).OrderBy(m => m.At).ThenBy(m => m.Id).ToListAsync(cancellation);
        return [.. rows.Select(m => new MessageView(m.IsFromAdmins, Encoding.UTF8.GetString(seal.Unprotect(m.SealedText)), m.At))];
    }

    /// <summary>All conversations, those that wait for an answer first, then the newest.</summary>
    public async Task<IReadOnlyList<ConversationView>> AllAsync(CancellationToken cancellation = default)
    {
        var since = time.GetUtcNow() - Message.Lifetime;
        var rows = await db.Set<Message>().AsNoTracking().Where(m => m.At > since).Select(m => new { m.AccountId, m.IsFromAdmins, m.At, m.Id }).ToListAsync(cancellation);
        return
        [
            .. rows.GroupBy(m => m.AccountId).Select(g => (Account: g.Key, Last: g.OrderBy(m => m.At).ThenBy(m => m.Id).Last(), Count: g.Count()))
                .Select(c => new ConversationView(TagOf(c.Account), c.Last.At, c.Count, !c.Last.IsFromAdmins))
                .OrderByDescending(c => c.Waits).ThenByDescending(c => c.LastAt).ThenBy(c => c.Tag, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whose conversation a tag names, as addresses write it too; null where there is none.</summary>
    public async Task<Guid?> FindAsync(string tag, CancellationToken cancellation = default)
    {
        var since = time.GetUtcNow() - Message.Lifetime;
        var accounts = await db.Set<Message>().Where(m => m.At > since).Select(m => m.AccountId).Distinct().ToListAsync(cancellation);
        return accounts.Select(a => (Guid?)a).FirstOrDefault(a => string.Equals(TagOf(a!.Value), tag, StringComparison.OrdinalIgnoreCase));
    }

    private string TagOf(Guid account) => Base32.Tag(tags.Tag("message", account.ToByteArray(bigEndian: true)));
}

/// <summary>One message.</summary>
public sealed record MessageView(bool IsFromAdmins, string Text, DateTimeOffset At);

/// <summary>A conversation in the admins' list.</summary>
/// <param name="Tag">What it is called.</param>
/// <param name="LastAt">When the last message was written.</param>
/// <param name="Messages">How many there are.</param>
/// <param name="Waits">Whether the account wrote last.</param>
public sealed record ConversationView(string Tag, DateTimeOffset LastAt, int Messages, bool Waits);
