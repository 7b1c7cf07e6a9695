using Microsoft.AspNetCore.DataProtection;

namespace DigitalResistance.Messages;

/// <summary>What seals the words of one conversation: a row that is moved to another account's cannot be opened there.</summary>
internal static class MessageSeal
{
    public static IDataProtector Of(IDataProtectionProvider protection, Guid account) => protection.CreateProtector("message.v1", account.ToString());
}
