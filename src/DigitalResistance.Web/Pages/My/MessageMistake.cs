using DigitalResistance.Messages;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.My;

/// <summary>What is wrong with a message, in the reader's language; null where it was written.</summary>
internal static class MessageMistake
{
    public static string? Of(MessageResult result, DateTimeOffset now, IStringLocalizer<MessageTexts> texts) => result switch
    {
        MessageResult.Written => null,
        MessageResult.Empty => texts["Empty"].Value,
        MessageResult.TooLong(var length) => texts["TooLong", length, Message.LongestText].Value,
        MessageResult.TooManyNow(var wait) => texts["TooManyNow", $"{(now + wait).UtcDateTime:yyyy-MM-dd HH:mm}"].Value,
        MessageResult.NotAnAdmin => texts["NotAnAdmin"].Value,
        _ => texts["Gone"].Value,
    };
}
