using DigitalResistance.Data;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.About;

/// <summary>Where the instance file lies (section <c>Instance</c>).</summary>
public sealed class InstanceOptions
{
    /// <summary>Path of the file, relative to <c>Database:Folder</c>. Default <c>instance.json</c> there. A missing file starts the program, but not the site; a wrong one starts nothing.</summary>
    public string File { get; set; } = "instance.json";
}

/// <summary>
/// The instance file as it was when the program started: everything that pages show of it comes from here, so that a half-written file never
/// shows. <see cref="LookAgain"/> reads it anew for the set-up page and for the console.
/// </summary>
public sealed class InstanceFile(IOptions<InstanceOptions> options, IOptions<DatabaseOptions> database, TimeProvider time)
{
    private const long Largest = 256 * 1024;

    private readonly Lazy<Instance?> _atStart = new(() => Look(options.Value, database.Value, time).Instance);

    /// <summary>Where it is, or should be.</summary>
    public string Path => PathOf(options.Value, database.Value);

    /// <summary>What it said at the start; null where there was none.</summary>
    public Instance? Instance => _atStart.Value;

    /// <summary>What the site is offered in: without a file everything that the program speaks.</summary>
    public IReadOnlyList<Language> Languages => Instance?.Languages ?? Language.All;

    /// <summary>What the site is called.</summary>
    public string Name => Instance?.Name.Here ?? Instance.DefaultName;

    /// <summary>What the file says now: no file gives neither.</summary>
    public (Instance? Instance, IReadOnlyList<InstanceMistake> Mistakes) LookAgain() => Look(options.Value, database.Value, time);

    private static string PathOf(InstanceOptions options, DatabaseOptions database) => System.IO.Path.GetFullPath(options.File, System.IO.Path.GetFullPath(database.Folder));

    private static (Instance? Instance, IReadOnlyList<InstanceMistake> Mistakes) Look(InstanceOptions options, DatabaseOptions database, TimeProvider time)
    {
        var path = PathOf(options, database);
        try
        {
            if (!File.Exists(path) && !Directory.Exists(path)) return (null, []);
            if (new FileInfo(path) is { Exists: true, Length: > Largest }) return (null, [new InstanceMistake(InstanceFault.TooLarge, "", Largest / 1024)]);
            return InstanceReading.Read(File.ReadAllBytes(path), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return (null, [new InstanceMistake(InstanceFault.Unreadable, "", path)]);
        }
    }

    /// <summary>A wrong file is a wrong configuration: told with every other mistake, and nothing starts.</summary>
    internal sealed class Validation(IOptions<DatabaseOptions> database, TimeProvider time, IStringLocalizer<InstanceTexts> texts) : IValidateOptions<InstanceOptions>
    {
        public ValidateOptionsResult Validate(string? name, InstanceOptions options)
        {
            if (string.IsNullOrWhiteSpace(options.File)) return ValidateOptionsResult.Fail("Instance:File must name a file.");
            try
            {
                var mistakes = Look(options, database.Value, time).Mistakes;
                return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes.Select(m => $"{options.File}: {m.In(texts)}"));
            }
            catch (OptionsValidationException)
            {
                // Where the data folder is not known the file cannot be looked for; that is told already.
                return ValidateOptionsResult.Success;
            }
        }
    }
}
