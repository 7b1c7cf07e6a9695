using System.Diagnostics;
using System.Globalization;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>What a process has used so far, from <c>/proc</c>: the same yardstick for our own and for strangers' programs.</summary>
internal static class Usage
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>User and system time of a process and of the children it has waited for, in seconds.</summary>
    public static double CpuSeconds(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The memory that is resident now, in megabytes.</summary>
    public static double ResidentMegabytes(int pid) => Kilobytes(pid, "VmRSS:") / 1024;

    /// <summary>The most memory that was ever resident, in megabytes.</summary>
    public static double PeakMegabytes(int pid) => Kilobytes(pid, "VmHWM:") / 1024;

    /// <summary>Busy seconds of the whole machine, over all cores.</summary>
    public static double MachineSeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[1..].Take(8).Where((_, index) => index is not (3 or 4)).Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static double Kilobytes(int pid, string name)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>A program that ends with this one at the latest.</summary>
    public static Process Start(string program, params string[] arguments)
    {
        var process = new Process { StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true } };
        process.Start();
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }
}
