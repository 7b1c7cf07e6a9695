using System.Globalization;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>One line of the comparison.</summary>
internal sealed record Row(string Name, double Ok, double Failed, double Seconds, double Cpu, double OthersCpu, double MachineCpu, double PeakMegabytes)
{
    public static void Header(string job, int seconds)
    {
        Console.WriteLine($"{job}, {seconds} s each, {Environment.ProcessorCount} cores, load average {File.ReadAllText("/proc/loadavg")[..4]}");
        Console.WriteLine("| prober | ok/s | failed | CPU s/1,000 | other ends' CPU s/1,000 | machine busy, of which not ours | peak MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
    }

    public void Print()
    {
        var cores = Seconds * Environment.ProcessorCount;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {Name} | {Ok / Seconds:N0} | {Failed:N0} | {Cpu / Ok * 1000:F3} | {OthersCpu / Ok * 1000:F3} | {MachineCpu / cores:P0}, {Math.Max(0, MachineCpu - Cpu - OthersCpu) / cores:P0} | {PeakMegabytes:F0} |"));
    }
}
