namespace DigitalResistance.Web.Localization;

/// <summary>What can be wrong in the instance file, for whoever writes it: on the console, and on the set-up page.</summary>
public sealed class InstanceTexts;
