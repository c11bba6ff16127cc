using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Digests.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UrgentFirst : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Mailings_PreparedAt",
                table: "Mailings",
                column: "PreparedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Mailings_PreparedAt",
                table: "Mailings");
        }
    }
}
