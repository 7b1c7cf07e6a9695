namespace DigitalResistance.Web.Localization;

/// <summary>The devices that the treasury's keys sign with.</summary>
public sealed class DeviceTexts;
