using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Notices.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RankMessages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(
                name: "Rank",
                schema: "notices",
                table: "Outbox",
                type: "smallint",
                nullable: false,
                defaultValue: (short)0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Rank",
                schema: "notices",
                table: "Outbox");
        }
    }
}
