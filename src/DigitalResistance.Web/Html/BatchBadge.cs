using DigitalResistance.Payouts;

namespace DigitalResistance.Web.Html;

/// <summary>How the state of a payment is shown.</summary>
internal static class BatchBadge
{
    public static string Kind(BatchState state) => state is BatchState.Confirmed or BatchState.Final ? "ok" : "info";
}
