using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Review;

/// <summary>What reviewers may be shown beside what the registry knows by itself (section <c>Review</c>).</summary>
public sealed class ReviewOptions
{
    /// <summary>
    /// Path of a file of address ranges and their autonomous systems (<see cref="AsnRanges"/>); default: none, and reviewers see no letters for them.
    /// It counts from when it is configured: what was probed before is not known.
    /// </summary>
    [MinLength(1, ErrorMessage = "Review:AsnFile must be a path, or absent.")]
    public string? AsnFile { get; set; }
}

/// <summary>Reads the file at the start, where a mistake in it is told, and keeps it.</summary>
internal sealed class AsnFile : IValidateOptions<ReviewOptions>
{
    /// <summary>What was read.</summary>
    public AsnRanges Ranges { get; private set; } = AsnRanges.None;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ReviewOptions options)
    {
        if (options.AsnFile is not { Length: > 0 } file) return ValidateOptionsResult.Success;
        if (!File.Exists(file)) return ValidateOptionsResult.Fail("Review:AsnFile names a file that does not exist.");
        try
        {
            Ranges = AsnRanges.Read(File.ReadLines(file));
            return ValidateOptionsResult.Success;
        }
        catch (FormatException mistake)
        {
            return ValidateOptionsResult.Fail($"Review:AsnFile cannot be read: {mistake.Message}.");
        }
    }
}
