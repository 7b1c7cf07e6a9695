using DigitalResistance.Review;

namespace DigitalResistance.Web.Html;

/// <summary>How an operator's standing in a round is shown.</summary>
internal static class StandingBadge
{
    public static string Kind(Eligibility eligibility) => eligibility switch
    {
        Eligibility.Eligible => "ok",
        Eligibility.Pending => "info",
        Eligibility.Held => "warning",
        _ => "danger",
    };
}
