using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Alerts.Benchmarks;

/// <summary>Bars beside the limit of SMTP, which is 1.</summary>
internal sealed class Plot
{
    /// <summary>In points: OxyPlot measures text too small for the names.</summary>
    private const int LeftMargin = 230;

    private readonly CategoryAxis names = new() { Position = AxisPosition.Left, StartPosition = 1, EndPosition = 0, IsTickCentered = true };
    private readonly BarSeries bars = new() { LabelFormatString = "{0:0.00}", LabelPlacement = LabelPlacement.Inside, FillColor = OxyColor.FromRgb(0x2b, 0x6c, 0xb0), TextColor = OxyColors.White };

    public void Add(string name, double ratio)
    {
        names.Labels.Add(name);
        bars.Items.Add(new BarItem(ratio));
    }

    public void Save(string file)
    {
        var model = new PlotModel { Title = "Mails a second, as a part of what SMTP can do here", TitleFontSize = 15, Background = OxyColors.White, PlotMargins = new OxyThickness(LeftMargin, double.NaN, double.NaN, double.NaN) };
        model.Axes.Add(names);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        model.Series.Add(bars);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var stream = File.Create(file);
        new SvgExporter { Width = 800, Height = 90 + (34 * names.Labels.Count) }.Export(model, stream);
    }
}
