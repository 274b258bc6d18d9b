/** One list on its way in: its columns are said, it is checked and mended, it is taken, and it can be taken
 * back. Which of these is shown follows from how it stands. */

import { useEffect, useRef } from "react";
import { useParams, useSearchParams } from "react-router";
import { Page } from "@/ui/Page";
import { Opened, type RecordKind } from "@/ui/RecordPage";
import { Columns } from "./Columns";
import { goesOn, type Import, kindText, reread, rowsOf, stateOf, useImport } from "./imports";
import { Progress } from "./Progress";
import { Result } from "./Result";
import { Review } from "./Review";
import { Steps } from "./Steps";

const KIND: RecordKind = { one: "import", list: { to: "/imports", words: "All imports" } };

export default function ImportPage() {
  const { id = "" } = useParams();
  return (
    <Opened asked={useImport(id)} kind={KIND}>
      {(one) => <Whole of={one} />}
    </Opened>
  );
}

function Whole({ of }: { of: Import }) {
  const [address, setAddress] = useSearchParams();
  const ran = useRef(goesOn(of));
  useEffect(() => {
    // what was found is another thing once it has been looked at again
    if (ran.current && !goesOn(of)) void reread(of.id, of.file_of_id);
    ran.current = goesOn(of);
  }, [of]);

  const saying = of.status === "waiting" || (address.has("columns") && of.dry_run && !goesOn(of));
  const at = saying ? 1 : of.dry_run ? 2 : 3;
  return (
    <Page
      title={of.filename}
      about={`${kindText(of.kind)}, ${rowsOf(of.rows_total)}: ${stateOf(of).toLowerCase()}`}
      scrolls={false}
    >
      <Steps at={at} />
      {saying ? (
        <Columns of={of} onDone={() => setAddress({}, { replace: true })} />
      ) : goesOn(of) ? (
        <Progress of={of} />
      ) : of.dry_run ? (
        <Review of={of} onColumns={() => setAddress({ columns: "" })} />
      ) : (
        <Result of={of} />
      )}
    </Page>
  );
}
