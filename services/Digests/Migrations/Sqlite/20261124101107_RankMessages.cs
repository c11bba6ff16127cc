using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Digests.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RankMessages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(
                name: "Rank",
                table: "Outbox",
                type: "INTEGER",
                nullable: false,
                defaultValue: (short)0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Rank",
                table: "Outbox");
        }
    }
}
