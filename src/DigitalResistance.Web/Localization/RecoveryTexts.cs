namespace DigitalResistance.Web.Localization;

/// <summary>The way back after a database was restored from an older copy, step by step.</summary>
public sealed class RecoveryTexts;
