"""The accounts of the demonstration, one for each role that people and programs have."""

from typing import NamedTuple

from app.access.permissions import Permission, Role


class Account(NamedTuple):
    email: str
    name: str
    role: Role
    organization: str


ACCOUNTS = (
    Account("admin@academy.example", "Quản trị Học viện", Role.ACADEMY_ADMIN, "DAV"),
    Account("staff@academy.example", "Cán bộ đào tạo", Role.ACADEMY_STAFF, "DAV"),
    Account("auditor@academy.example", "Kiểm toán viên", Role.AUDITOR, "DAV"),
    Account("instructor@academy.example", "Giảng viên", Role.INSTRUCTOR, "DAV"),
    Account("coordinator@moit.example", "Đầu mối Bộ Công Thương", Role.COORDINATOR, "MOIT"),
    Account("coordinator@moh.example", "Đầu mối Bộ Y tế", Role.COORDINATOR, "MOH"),
    Account("coordinator@hanoi.example", "Đầu mối Hà Nội", Role.COORDINATOR, "VN-01"),
    Account("coordinator@hue.example", "Đầu mối Huế", Role.COORDINATOR, "VN-46"),
    Account("learner@hanoi.example", "Học viên Hà Nội", Role.LEARNER, "VN-01"),
)

CLIENT, CLIENT_ORGANIZATION = "hanoi-hr", "VN-01"
CLIENT_SCOPES = [
    Permission.CHANGES_READ,
    Permission.LEARNERS_READ,
    Permission.LEARNERS_WRITE,
    Permission.ORGANIZATIONS_READ,
    Permission.ROSTERS_READ,
    Permission.ROSTERS_WRITE,
    Permission.UNITS_WRITE,
]
