"""What the record scopes `team` and `territory` reach, as conditions for `visible_to`.

The subqueries depend on the viewer alone, so that the database answers each once for a statement.
"""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from app.core.model import Viewer
from app.models.branches import Team, TerritoryMember
from app.models.members import Member
from app.models.sites import Site
from app.models.technicians import Technician


def of_my_teams(technician: type[Technician], viewer: Viewer) -> ColumnElement[bool]:
    """The technician is in a team that the viewer belongs to, as a member or technician, or leads."""
    member, colleague, team = aliased(Member), aliased(Technician), aliased(Team)
    return or_(
        technician.team_id.in_(
            select(member.team_id).where(
                member.org_id == viewer.org_id, member.id == viewer.user_id
            )
        ),
        technician.team_id.in_(
            select(colleague.team_id).where(
                colleague.org_id == viewer.org_id, colleague.member_id == viewer.user_id
            )
        ),
        technician.team_id.in_(
            select(team.id).where(team.org_id == viewer.org_id, team.leader_id == viewer.user_id)
        ),
    )


def in_my_territories(site: type[Site], viewer: Viewer) -> ColumnElement[bool]:
    """The site lies in a territory that the viewer looks after."""
    mine = aliased(TerritoryMember)
    return site.territory_id.in_(
        select(mine.territory_id).where(
            mine.org_id == viewer.org_id, mine.member_id == viewer.user_id
        )
    )
