/** Which address shows what. Each page is a file of its own that is fetched when it is first opened: one line
 * here, and one in nav.ts. */

import { lazy, Suspense } from "react";
import { Route, Routes as Switch } from "react-router";
import { self, useMe } from "@/identity/me";
import { SignIn } from "@/identity/SignIn";
import { Failed } from "@/ui/Failed";
import { Toasts } from "@/ui/Toasts";
import { Guarded } from "./Boundary";
import { DOORS, In, ToSignIn } from "./doors";
import { Frame } from "./Frame";
import { Home } from "./Home";
import { NotFound } from "./NotFound";

const BoardPage = lazy(() => import("@/board/BoardPage"));
const CallPage = lazy(() => import("@/call/CallPage"));
const CapacityPage = lazy(() => import("@/capacity/CapacityPage"));
const CustomerPage = lazy(() => import("@/customers/CustomerPage"));
const CustomersPage = lazy(() => import("@/customers/CustomersPage"));
const ImportPage = lazy(() => import("@/imports/ImportPage"));
const ImportsPage = lazy(() => import("@/imports/ImportsPage"));
const CrewsPage = lazy(() => import("@/crews/CrewsPage"));
const DuplicatesPage = lazy(() => import("@/customers/DuplicatesPage"));
const InvoicePage = lazy(() => import("@/invoices/InvoicePage"));
const InvoicesPage = lazy(() => import("@/invoices/InvoicesPage"));
const DoctorPage = lazy(() => import("@/doctor/DoctorPage"));
const EndOfDayPage = lazy(() => import("@/work-orders/EndOfDayPage"));
const MapPage = lazy(() => import("@/map/MapPage"));
const NewImportPage = lazy(() => import("@/imports/NewImportPage"));
const Profile = lazy(() => import("@/identity/Profile"));
const EquipmentListPage = lazy(() => import("@/equipment/EquipmentListPage"));
const EquipmentPage = lazy(() => import("@/equipment/EquipmentPage"));
const SettingsPage = lazy(() => import("@/settings/SettingsPage"));
const SitePage = lazy(() => import("@/sites/SitePage"));
const SitesPage = lazy(() => import("@/sites/SitesPage"));
const TechnicianPage = lazy(() => import("@/technicians/TechnicianPage"));
const TechniciansPage = lazy(() => import("@/technicians/TechniciansPage"));
const UiPage = lazy(() => import("@/ui/UiPage"));
const VehiclesPage = lazy(() => import("@/vehicles/VehiclesPage"));
const WorkOrderPage = lazy(() => import("@/work-orders/WorkOrderPage"));
const WorkOrdersPage = lazy(() => import("@/work-orders/WorkOrdersPage"));

export function Routes() {
  const { me, error, again } = useMe();
  if (error) return <Failed error={error} again={again} />;
  if (me === undefined) return null;
  if (me === null) {
    return (
      <Suspense>
        <Switch>
          <Route path="/sign-in" element={<SignIn />} />
          {DOORS}
          <Route path="*" element={<ToSignIn />} />
        </Switch>
        <Toasts />
      </Suspense>
    );
  }
  return (
    <Suspense>
      <Switch>
        <Route path="/sign-in" element={<In />} />
        {DOORS}
        {/* another organisation is another office: nothing of the one before stays */}
        <Route element={<Frame key={self(me)} me={me} />}>
          <Route element={<Guarded me={me} />}>
            <Route index element={<Home me={me} />} />
            <Route path="board" element={<BoardPage />} />
            <Route path="call" element={<CallPage />} />
            <Route path="capacity" element={<CapacityPage />} />
            <Route path="customers" element={<CustomersPage />} />
            <Route path="customers/duplicates" element={<DuplicatesPage />} />
            <Route path="customers/:id" element={<CustomerPage />} />
            <Route path="sites" element={<SitesPage />} />
            <Route path="sites/:id" element={<SitePage />} />
            <Route path="equipment" element={<EquipmentListPage />} />
            <Route path="equipment/:id" element={<EquipmentPage />} />
            <Route path="technicians" element={<TechniciansPage />} />
            <Route path="technicians/:id" element={<TechnicianPage />} />
            <Route path="imports" element={<ImportsPage />} />
            <Route path="imports/new" element={<NewImportPage />} />
            <Route path="imports/:id" element={<ImportPage />} />
            <Route path="crews" element={<CrewsPage />} />
            <Route path="vehicles" element={<VehiclesPage />} />
            <Route path="invoices" element={<InvoicesPage />} />
            <Route path="invoices/:id" element={<InvoicePage />} />
            <Route path="doctor" element={<DoctorPage />} />
            <Route path="end-of-day" element={<EndOfDayPage />} />
            <Route path="map" element={<MapPage />} />
            <Route path="me" element={<Profile />} />
            <Route path="settings/:section?" element={<SettingsPage />} />
            <Route path="ui" element={<UiPage />} />
            <Route path="work-orders" element={<WorkOrdersPage />} />
            <Route path="work-orders/:id" element={<WorkOrderPage />} />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Route>
      </Switch>
    </Suspense>
  );
}
