namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the public ledger.</summary>
public sealed class LedgerTexts;
