using DigitalResistance.Rounds;

namespace DigitalResistance.Web.Html;

/// <summary>How the state and the period of a round are shown, on public and on other pages alike.</summary>
internal static class RoundBadge
{
    public static string Kind(RoundState state) => state switch
    {
        RoundState.Open or RoundState.Frozen or RoundState.Allocated or RoundState.Approved or RoundState.Building or RoundState.Signing or RoundState.Broadcast => "info",
        RoundState.Confirmed or RoundState.Closed => "ok",
        RoundState.Cancelled => "danger",
        _ => "muted",
    };

    /// <summary>Whether days alone say when the period starts and ends.</summary>
    public static bool IsInDays(RoundTerms terms) => terms.StartsAt.UtcDateTime.TimeOfDay == TimeSpan.Zero && terms.EndsAt.UtcDateTime.TimeOfDay == TimeSpan.Zero;
}
