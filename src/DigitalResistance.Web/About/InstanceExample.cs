using System.Globalization;

namespace DigitalResistance.Web.About;

/// <summary>The instance file of the documentation, ready to copy: its date is half a year away, whenever it is read.</summary>
internal static class InstanceExample
{
    /// <summary>The date that the documentation shows.</summary>
    private const string Shown = "2027-05-01";

    public static string For(DateTimeOffset now)
    {
        using var stream = typeof(InstanceExample).Assembly.GetManifestResourceStream("instance.example.json")!;
        return new StreamReader(stream).ReadToEnd().Replace(Shown, now.AddDays(180).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
