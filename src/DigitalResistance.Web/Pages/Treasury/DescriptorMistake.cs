using DigitalResistance.Treasury;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Why a descriptor cannot be used, in a sentence.</summary>
internal static class DescriptorMistake
{
    public static string Mistake(this IStringLocalizer<TreasuryTexts> texts, AdoptionResult result) => result switch
    {
        AdoptionResult.Faulty { Fault: { Position: >= 0 } fault } => texts["Fault.At", texts[$"Fault.Kind.{fault.Kind}"].Value, fault.Position + 1],
        AdoptionResult.Faulty { Fault: var fault } => texts[$"Fault.Kind.{fault.Kind}"],
        AdoptionResult.SingleKey => texts["Fault.SingleKey"],
        AdoptionResult.AlreadyAdopted => texts["Fault.AlreadyAdopted"],
        _ => texts["Fault.ChainAway"],
    };

    /// <summary>
    /// Whether what was pasted must not be sent back: it may be a private key; or a wallet's file, or more than anybody reads, where a secret may be in any form.
    /// </summary>
    public static bool MayHoldSecret(this AdoptionResult result, string? text) => result is AdoptionResult.Faulty { Fault: var fault } ? fault.MayHoldSecret(text) : text.AsSpan().TrimStart().StartsWith("{");

    /// <inheritdoc cref="MayHoldSecret(AdoptionResult,string)"/>
    public static bool MayHoldSecret(this DescriptorFault fault, string? text) =>
        fault.Kind is DescriptorFaultKind.PrivateKey or DescriptorFaultKind.TooLong || text.AsSpan().TrimStart().StartsWith("{");
}
